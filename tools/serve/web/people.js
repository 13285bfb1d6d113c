// people.js -- who is enrolled; enrolling from marked files, and holding a file against a person.
import { $, el, state, api, base, count, plain, num, say, why, Refused } from './base.js';

let from = []; // files to enrol from
let against = 0; // the file to verify; 0: none

const wrong = text => { $('people-why').className = 'bad'; $('people-why').textContent = text; };
const told = text => { $('people-why').className = ''; $('people-why').textContent = text; };

// Reading the files takes a while; meanwhile nothing else can be asked.
async function busy(text, what) {
  const all = $('people').querySelectorAll('button:not(#people-close)');
  all.forEach(b => { b.disabled = true; });
  told(text);
  try { await what(); } catch (e) { if (!(e instanceof Refused)) throw e; wrong(e.message); }
  all.forEach(b => { b.disabled = false; });
}

const side = (label, s) => label + ': ' + (s.absent ? 'no answer (' + why(s.absent) + ')' : 'supports ' + (s.supports === 'neither' ? 'neither' : s.supports) + ', likelihood ratio ' + num(s.ratio) +
  ' (it can lie between ' + num(s.ratio_bounds[0], 3) + ' and ' + num(s.ratio_bounds[1], 1) + ')') + '.';

const verify = p => busy('Reading ' + base(state.files.get(against).name) + ' …', async () => {
  const v = await api('people/' + p.id + '/verify', 'POST', { file: against });
  told('Is it ' + plain(p.name) + '? ' + side('Voice', v.voice) + ' ' + side('Face', v.face) + ' Over 1 speaks for the same person, under 1 for another.');
});

async function draw() {
  const { people } = await api('people');
  const row = p => el('tr', {}, el('th', { scope: 'row' }, plain(p.name), ...p.lacks.map(t => el('span', { class: 'under' }, t))),
    el('td', {}, against ? el('button', { type: 'button', 'aria-label': 'Is it this person? ' + plain(p.name), onclick: () => verify(p) }, 'Is it this person?') : null, ' ',
      el('button', { type: 'button', 'aria-label': 'forget ' + plain(p.name), onclick: () => busy('', async () => { await api('people/' + p.id, 'DELETE'); await draw(); }) }, 'Forget')));
  $('people-list').replaceChildren(people.length ? el('table', {}, el('caption', { class: 'read' }, 'Who is enrolled'), el('tbody', {}, ...people.map(row))) : el('p', { class: 'soft' }, 'Nobody is enrolled yet.'));
}

$('enroll').addEventListener('submit', e => {
  e.preventDefault();
  const name = $('enroll-name').value.trim();
  if (!name) { wrong('Give the person a name.'); return; }
  busy('Reading ' + count(from.length, 'file') + ' …', async () => {
    const p = await api('people', 'POST', { name, files: from });
    $('enroll-name').value = '';
    await draw();
    told(plain(p.name) + ' is enrolled.');
    say(plain(p.name) + ' is enrolled.');
  });
});
$('people-close').addEventListener('click', () => $('people').close());

// marked: to enrol from; file: to hold against a person (0: none).
export function showPeople(marked, file) {
  from = marked;
  against = file;
  told('');
  $('enroll').hidden = !from.length;
  $('enroll-from').textContent = 'Enrol somebody from ' + (from.length === 1 ? base(state.files.get(from[0]).name) : count(from.length, 'marked file')) + ':';
  $('people').showModal();
  draw().then(() => { if (!from.length && !file) told('Mark files in the list to enrol somebody from them.'); }, x => wrong(x.message));
}
