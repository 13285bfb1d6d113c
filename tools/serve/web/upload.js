// upload.js -- takes what is dropped or chosen and sends it, a few at a time, with words for what went wrong.
import { $, el, state, headers, count, size, plain, say } from './base.js';

const queue = [], failed = [];
let sent = 0, total = 0, bytes = 0, allBytes = 0, halted = '', left = 0;
const under = new Set(); // XMLHttpRequests at work

const isMedia = name => {
  const dot = name.lastIndexOf('.');
  return !name.startsWith('.') && (dot < 0 || (state.status.endings || []).includes(name.slice(dot + 1).toLowerCase()));
};

// Of folders only what may be media; what was named itself is taken as it is.
async function walk(entry, into, named) {
  if (entry.isFile) {
    if (!named && !isMedia(entry.name)) { left++; return; }
    const file = await new Promise((yes, no) => entry.file(yes, no)).catch(() => null);
    if (file) into.push([file, entry.fullPath.replace(/^\//, '')]); else failed.push([null, entry.name, 'can’t be read']);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((yes, no) => reader.readEntries(yes, no)).catch(() => []);
    if (!some.length) return;
    for (const e of some) await walk(e, into, false);
  }
}

function take(list) {
  for (const [file, name] of list) {
    const why = file.size === 0 ? 'the file is empty' : file.size > state.status.max_file ? 'too large: ' + size(file.size) + ', and ' + size(state.status.max_file) + ' is the most here' : '';
    if (why) failed.push([null, name, why]);
    else { queue.push([file, name, 0]); total++; allBytes += file.size; }
  }
  halted = '';
  pump();
}

function settle(job, code, text) {
  const [file, name, tries] = job;
  if (code === 201) { sent++; bytes += file.size; }
  else if (code === 0 && tries < 3 && !halted) { queue.unshift([file, name, tries + 1]); setTimeout(pump, 1000 << tries); show(); return; }
  else {
    failed.push([job, name, text]);
    if (code === 0 || code === 401 || code === 507) halted = text; // the next would fare no better
  }
  pump();
}

function send(job) {
  const [file, name] = job, x = new XMLHttpRequest();
  under.add(x);
  x.size = file.size;
  x.loadedBytes = 0;
  x.open('POST', 'api/files?name=' + encodeURIComponent(name));
  for (const [k, v] of Object.entries(headers())) x.setRequestHeader(k, v);
  x.setRequestHeader('Content-Type', 'application/octet-stream');
  x.upload.addEventListener('progress', e => { x.loadedBytes = e.loaded; show(); });
  x.addEventListener('loadend', () => {
    under.delete(x);
    let said = {};
    try { said = JSON.parse(x.responseText); } catch (e) { /* no answer */ }
    settle(job, x.status, said.error || (x.stopped ? 'stopped' : 'the server did not take it; is it still running?'));
  });
  x.send(file);
}

// Two at a time; of small files more, for most of their time is waiting for the answer.
const most = 6, small = 8e6;
const room = file => under.size < 2 || (under.size < most && [...under].reduce((n, x) => n + x.size, file.size) <= small);
function pump() {
  while (!halted && queue.length && room(queue[0][0])) send(queue.shift());
  show();
}

function again() {
  const some = failed.splice(0).filter(f => f[0]).map(f => [f[0][0], f[0][1], 0]).concat(queue.splice(0));
  queue.push(...some);
  halted = '';
  pump();
}

function stop() {
  halted = 'stopped';
  for (const x of under) { x.stopped = true; x.abort(); }
}

let drawn = 0;
function show() { drawn = drawn || requestAnimationFrame(() => { drawn = 0; draw(); }); }
function draw() {
  const busy = under.size > 0 || (queue.length > 0 && !halted), box = $('sending');
  const lost = failed.concat(halted ? queue.map(q => [q, q[1], halted]) : []);
  if (!busy && !lost.length) {
    if (total) say(count(sent, 'file') + ' sent');
    sent = total = bytes = allBytes = left = 0;
    box.hidden = true;
    return;
  }
  box.hidden = false;
  const now = bytes + [...under].reduce((n, x) => n + x.loadedBytes, 0), can = lost.some(l => l[0]);
  box.replaceChildren(
    ...(busy ? [el('p', {}, 'Sending ' + Math.min(sent + failed.length + 1, total) + ' of ' + count(total, 'file') + ', ' + size(now) + ' of ' + size(allBytes) + '. '),
      el('progress', { max: Math.max(1, allBytes), value: now, 'aria-label': 'sending' }), el('p', { class: 'actions' }), el('button', { type: 'button', 'data-key': 'stop', onclick: stop }, 'Stop')] : []),
    ...(left && busy ? [el('p', { class: 'soft small' }, count(left, 'other file') + ' in the folders left out: not media by their names.')] : []),
    ...(lost.length ? [el('p', { class: 'bad', role: 'alert' }, (lost.length === 1 ? '1 file was' : count(lost.length, 'file') + ' were') + ' not sent:'),
      el('ul', { class: 'small' }, ...lost.slice(0, 10).map(l => el('li', {}, plain(l[1]) + ': ' + l[2])), lost.length > 10 ? el('li', {}, 'and ' + (lost.length - 10).toLocaleString('en') + ' more') : null),
      can && !busy ? el('button', { type: 'button', class: 'main', 'data-key': 'again', onclick: again }, 'Send again') : null, ' ',
      busy ? null : el('button', { type: 'button', 'data-key': 'dismiss', onclick: () => { failed.length = queue.length = 0; total = 0; halted = ''; draw(); } }, 'Leave it')] : []));
}

const drop = $('drop');
const whole = e => [...(e.dataTransfer ? e.dataTransfer.types : [])].includes('Files');
addEventListener('dragover', e => { if (whole(e)) { e.preventDefault(); drop.classList.add('over'); } });
addEventListener('dragleave', e => { if (!e.relatedTarget) drop.classList.remove('over'); });
addEventListener('drop', async e => {
  if (!whole(e)) return;
  e.preventDefault();
  drop.classList.remove('over');
  const found = [], entries = [...e.dataTransfer.items].map(i => i.webkitGetAsEntry && i.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) found.push(...[...e.dataTransfer.files].map(f => [f, f.name]));
  for (const entry of entries) await walk(entry, found, entry.isFile);
  take(found);
});
$('choose').addEventListener('click', () => $('files').click());
$('choose-folder').addEventListener('click', () => $('folder').click());
$('files').addEventListener('change', e => { take([...e.target.files].map(f => [f, f.name])); e.target.value = ''; });
$('folder').addEventListener('change', e => {
  const all = [...e.target.files], media = all.filter(f => isMedia(f.name));
  left += all.length - media.length;
  take(media.map(f => [f, f.webkitRelativePath || f.name]));
  e.target.value = '';
});
addEventListener('beforeunload', e => { if (under.size || (queue.length && !halted)) e.preventDefault(); });
