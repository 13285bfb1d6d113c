// list.js -- the files: counts, filter, order, rows.
import { $, el, state, api, say, num, size, count, base, folder, when, verdict, ask, Refused } from './base.js';
import { judgeFiles } from './judge.js';
import { showPeople } from './people.js';

const view = { show: 'all', text: '', by: 'added', down: true, most: 200, marked: new Set() };
const shows = [['all', 'All', () => true], ['flagged', 'Flagged', f => f.verdict === 'flagged'], ['clear', 'Not flagged', f => f.verdict === 'not flagged'],
  ['unjudged', 'Not judged', f => f.verdict === 'not judged'], ['waiting', 'Waiting', f => f.status === 'queued' || f.status === 'working' || (f.status === 'duplicate' && !f.verdict)],
  ['failed', 'Failed', f => f.status === 'failed']];
const rank = f => ({ flagged: 5, 'not judged': 3, 'not flagged': 2 })[f.verdict] || (f.status === 'failed' ? 4 : f.status === 'working' ? 1 : 0);
const names = new Intl.Collator('en', { numeric: true });
const columns = [['name', 'Name', f => f.name, false], ['verdict', 'Verdict', rank, true], ['score', 'Anomaly score', f => f.score ?? -1, true],
  ['offset', 'Sound against picture', f => f.offset_ms == null ? -1 : Math.abs(f.offset_ms), true], ['added', 'Added', f => f.added * 1e6 + f.id, true]];

function order() {
  const key = columns.find(c => c[0] === view.by)[2], way = view.down ? -1 : 1, needle = view.text.toLowerCase(), fits = shows.find(s => s[0] === view.show)[2];
  return [...state.files.values()].filter(f => fits(f) && f.name.toLowerCase().includes(needle)).map(f => [key(f), f])
    .sort((a, b) => way * ((typeof a[0] === 'string' ? names.compare(a[0], b[0]) : a[0] - b[0]) || a[1].id - b[1].id)).map(x => x[1]);
}

function row(f) {
  const [words, kind] = verdict(f), place = folder(f.name);
  const under = f.error || (f.same_as && state.files.has(f.same_as) ? 'same content as ' + base(state.files.get(f.same_as).name) : place);
  const bar = f.status === 'working' ? el('progress', { max: 1, value: f.done == null ? null : f.done, 'aria-label': 'progress of ' + base(f.name) }) : null;
  const mark = el('input', { type: 'checkbox', 'data-key': 'mark' + f.id, 'aria-label': 'mark ' + base(f.name), onchange: e => { e.target.checked ? view.marked.add(f.id) : view.marked.delete(f.id); buttons(); } });
  mark.checked = view.marked.has(f.id);
  const again = f.status === 'failed' ? el('button', { type: 'button', class: 'small', 'data-key': 'again' + f.id, 'aria-label': 'try again: ' + base(f.name), onclick: () => act(() => api('files/' + f.id + '/retry', 'POST')) }, 'Try again') : null;
  return el('tr', { 'data-id': f.id }, el('td', { class: 'mark' }, mark),
    el('th', { class: 'name', scope: 'row' }, f.verdict ? el('button', { type: 'button', class: 'name', 'data-key': 'open' + f.id, onclick: () => { location.hash = 'file/' + f.id; } }, base(f.name)) : el('span', {}, base(f.name)),
      under ? el('span', { class: 'under' }, under) : null),
    el('td', { class: 'what' }, el('span', { class: 'verdict ' + kind }, words.split(',')[0]), words.includes(',') ? el('span', { class: 'under' }, words.split(', ')[1]) : null, bar, again ? ' ' : null, again),
    el('td', { class: 'score number' }, ...(typeof f.score === 'number' ? [num(f.score)] : [])), el('td', { class: 'offset' }, f.offset || ''), el('td', { class: 'added number', title: size(f.size) }, when(f.added)));
}

function head(files) {
  const all = el('input', { type: 'checkbox', 'data-key': 'all', 'aria-label': 'mark all that are listed', onchange: e => { view.marked = new Set(e.target.checked ? files.map(f => f.id) : []); render(); } });
  all.checked = files.length > 0 && files.every(f => view.marked.has(f.id));
  const cell = ([key, label, , down]) => {
    const on = view.by === key;
    return el('th', { scope: 'col', 'aria-sort': on ? (view.down ? 'descending' : 'ascending') : null }, el('button', { type: 'button', 'data-key': 'sort' + key, onclick: () => { view.down = on ? !view.down : down; view.by = key; render(); } },
      label + (on ? (view.down ? ' ↓' : ' ↑') : '')));
  };
  $('list').tHead.rows[0].replaceChildren(el('td', { class: 'mark' }, all), ...columns.map(cell));
  $('sort').value = view.by;
}

function counts() {
  const all = [...state.files.values()];
  $('counts').replaceChildren(...shows.map(([key, label, fits]) => [key, label, all.filter(fits).length]).filter(([key, , n]) => n || key === 'all' || key === view.show)
    .map(([key, label, n]) => el('button', { type: 'button', 'data-key': 'show' + key, 'aria-pressed': String(view.show === key), onclick: () => { view.show = key; view.most = 200; render(); } }, label, el('b', {}, n.toLocaleString('en')))));
  const waiting = all.filter(shows[4][2]).length;
  document.title = waiting ? '(' + waiting + ') avalign' : 'avalign';
}

function buttons() {
  for (const id of view.marked) if (!state.files.has(id)) view.marked.delete(id);
  const judged = [...view.marked].filter(id => state.files.get(id).verdict);
  $('compare-two').disabled = !(view.marked.size === 2 && judged.length === 2);
  $('judge-marked').disabled = judged.length === 0;
  $('remove-marked').disabled = view.marked.size === 0;
  $('remove-marked').textContent = view.marked.size > 1 ? 'Remove ' + view.marked.size : 'Remove';
}

export function render() {
  const focused = document.activeElement && document.activeElement.dataset.key, files = order();
  counts();
  head(files);
  $('list').tBodies[0].replaceChildren(...files.slice(0, view.most).map(row));
  $('list').hidden = $('tools').hidden = $('counts').hidden = state.files.size === 0;
  $('none').textContent = state.files.size === 0 ? 'Nothing here yet. What you drop above stays on this machine.' : files.length === 0 ? 'No file fits.' : '';
  $('more').hidden = files.length <= view.most;
  $('more').textContent = 'Show ' + Math.min(200, files.length - view.most) + ' more of ' + files.length.toLocaleString('en');
  buttons();
  if (focused) document.querySelector('[data-key="' + focused + '"]')?.focus();
}

let soon = 0, took = 0; // while thousands come, the list takes a small part of the time, however slow the machine
export const renderSoon = () => {
  soon = soon || setTimeout(() => { const t = performance.now(); soon = 0; render(); took = performance.now() - t; }, Math.min(3000, Math.max(150, 12 * took)));
};

export function progress(id, done) {
  const f = state.files.get(id), bar = document.querySelector('tr[data-id="' + id + '"] progress');
  if (!f) return;
  f.done = done;
  f.status = 'working';
  if (!bar) renderSoon(); else if (done === null) bar.removeAttribute('value'); else bar.value = done;
}

async function act(what) {
  try { await what(); } catch (e) { if (!(e instanceof Refused)) throw e; say(e.message); alertLine(e.message); }
}
export const alertLine = text => { $('none').textContent = text; };

export async function removeFiles(ids) {
  const name = ids.length === 1 ? base(state.files.get(ids[0]).name) : count(ids.length, 'file');
  if (!await ask('Remove ' + name + ' from this machine’s folder, with the result? The original that you dropped stays where it is.')) return false;
  for (const id of ids) await act(() => api('files/' + id, 'DELETE'));
  return true;
}

$('sort').append(...columns.map(([key, label]) => el('option', { value: key }, label)));
$('sort').addEventListener('change', e => { view.by = e.target.value; view.down = columns.find(c => c[0] === view.by)[3]; render(); });
$('search').addEventListener('input', e => { view.text = e.target.value; view.most = 200; render(); });
$('more').addEventListener('click', () => { view.most += 200; render(); });
$('compare-two').addEventListener('click', () => { location.hash = 'compare/' + [...view.marked].sort((a, b) => a - b).join('/'); });
$('people-open').addEventListener('click', () => showPeople([...view.marked], 0));
$('judge-marked').addEventListener('click', () => judgeFiles([...view.marked].filter(id => state.files.get(id).verdict)));
$('remove-marked').addEventListener('click', () => removeFiles([...view.marked]));
