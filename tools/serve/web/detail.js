// detail.js -- one file with its evidence page, and two side by side.
import { $, el, state, num, upper, base, plain, verdict, link, why } from './base.js';
import { removeFiles } from './list.js';
import { judgeFiles } from './judge.js';
import { showPeople } from './people.js';

const back = () => el('a', { class: 'button', href: '#', 'data-key': 'back' }, '‹ All files');
const frame = f => el('iframe', { sandbox: 'allow-scripts', src: link(f, 'page'), title: 'Evidence page of ' + base(f.name), referrerpolicy: 'no-referrer' });
const title = text => { const h = el('h1', { tabindex: '-1' }, text); setTimeout(() => h.focus()); return h; };
const gone = box => box.replaceChildren(title('This file is not here (any more)'), el('p', {}, back()));

function marks(f) {
  const pick = el('select', { 'aria-label': 'format of the marks', 'data-key': 'marks' }, el('option', { value: '' }, 'Download marks …'), ...(state.status.marks || []).map(m => el('option', { value: m }, m)));
  const why = el('span', { class: 'bad', role: 'alert' });
  const fetchMarks = async (format, first) => {
    why.replaceChildren();
    const r = await fetch(link(f, 'marks', 'format=' + format + (first ? '&first=1' : ''))).catch(() => null);
    if (r && r.status === 409) { // they can't be made anew without the pictures, and say of which verdict they are
      why.replaceChildren('Marks are of the first verdict, and the file was judged again since. ', el('button', { type: 'button', 'data-key': 'first-marks', onclick: () => fetchMarks(format, true) }, 'Download those'));
      return;
    }
    if (!r || !r.ok) { why.textContent = r ? (await r.json()).error : 'The server does not answer.'; return; }
    const a = el('a', { href: URL.createObjectURL(await r.blob()), download: base(f.name) + (first ? '.first-verdict.' : '.') + format.replace('words-', '') });
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10000);
  };
  pick.addEventListener('change', () => {
    const format = pick.value;
    pick.value = '';
    if (format) fetchMarks(format, false);
  });
  return [pick, why];
}

export function showDetail(id) {
  const f = state.files.get(id), box = $('detail');
  if (!f || !f.verdict) { gone(box); return; }
  const [words, kind] = verdict(f);
  box.replaceChildren(title(base(f.name)),
    el('p', {}, el('span', { class: 'verdict ' + kind }, words), el('span', { class: 'soft' }, ' · anomaly score ' + num(f.score) + (f.offset ? ' · ' + f.offset : ''))),
    el('p', { class: 'actions' }, back(), el('a', { class: 'button', href: link(f, 'result', 'download=1'), download: '' }, 'Download JSON'), el('a', { class: 'button', href: link(f, 'page', 'download=1'), download: '' }, 'Download page'),
      ...marks(f), el('span', { class: 'push' }), el('button', { type: 'button', 'data-key': 'who', onclick: () => showPeople([id], id) }, 'Who is it?'), el('button', { type: 'button', 'data-key': 'judge', onclick: async () => { if (await judgeFiles([id])) showDetail(id); } }, 'Judge again'), el('button', { type: 'button', onclick: async () => { if (await removeFiles([id])) location.hash = ''; } }, 'Remove')),
    frame(f));
}

export async function showCompare(ids) {
  const files = ids.map(id => state.files.get(id)), box = $('compare');
  if (files.length !== 2 || files.some(f => !f || !f.verdict)) { gone(box); return; }
  const results = await Promise.all(files.map(f => fetch(link(f, 'result')).then(r => r.json()))).catch(() => null);
  if (!results) { gone(box); return; }
  const cell = (r, field) => typeof r[field.key] === 'number' ? num(r[field.key], field.unit === 'ms' ? 0 : 2) + (field.unit === 'ms' ? ' ms' + (Math.abs(r[field.key]) < .5 ? '' : r[field.key] > 0 ? ', sound early' : ', sound late') : '')
    : 'no answer: ' + why((r.absent || {})[field.key]);
  const apart = field => results.every(r => typeof r[field.key] === 'number') ? num(Math.abs(results[1][field.key] - results[0][field.key]), field.unit === 'ms' ? 0 : 2) + (field.unit === 'ms' ? ' ms' : '') : '–';
  const details = r => (r.anomaly_details || []).length ? el('ul', {}, ...r.anomaly_details.map(d => el('li', {}, d))) : 'none';
  box.replaceChildren(title('Two files side by side'), el('p', { class: 'actions' }, back()),
    el('div', { class: 'panel' }, el('table', {}, el('caption', { class: 'read' }, 'Measurements of both'),
      el('thead', {}, el('tr', {}, el('td', {}), ...files.map(f => el('th', { scope: 'col' }, plain(f.name))), el('th', { scope: 'col' }, 'Apart'))),
      el('tbody', {}, el('tr', {}, el('th', { scope: 'row' }, 'Verdict'), ...files.map(f => el('td', {}, el('span', { class: 'verdict ' + verdict(f)[1] }, verdict(f)[0]))), el('td', {})),
        ...(state.status.fields || []).map(field => el('tr', {}, el('th', { scope: 'row' }, upper(field.label)), ...results.map(r => el('td', { class: 'number' }, cell(r, field))), el('td', { class: 'number' }, apart(field)))),
        el('tr', {}, el('th', { scope: 'row' }, 'What was found'), ...results.map(r => el('td', {}, details(r))), el('td', {}))))),
    el('div', { class: 'pages' }, ...files.map(frame)));
}
