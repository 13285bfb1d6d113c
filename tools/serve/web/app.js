// app.js -- start: the token, the first look, the stream of events, which part is shown.
import { $, state, api, headers, say, size, base, verdict, Refused } from './base.js';
import { render, renderSoon, progress } from './list.js';
import { showDetail, showCompare } from './detail.js';
import './upload.js';

const given = /[#&]token=([0-9a-f]+)/.exec(location.hash);
if (given) {
  state.token = given[1];
  sessionStorage.setItem('token', state.token);
  history.replaceState(null, '', location.pathname + location.search); // not in the history, not over anybody's shoulder
}

const banner = text => { $('banner').textContent = text || ''; $('banner').hidden = !text; };

function login(why) {
  for (const id of ['home', 'detail', 'compare']) $(id).hidden = true;
  $('login').hidden = false;
  $('login-why').textContent = why;
  $('token').focus();
}
$('login').addEventListener('submit', e => {
  e.preventDefault();
  const typed = $('token').value.trim();
  state.token = (/token=([0-9a-f]+)/.exec(typed) || [null, typed])[1].replace(/[^\x21-\x7e]/g, '');
  sessionStorage.setItem('token', state.token);
  start(true);
});

function route() {
  const [, what, rest] = /^#(file|compare)\/([\d/]+)$/.exec(location.hash) || [null, 'home', ''], was = $('home').hidden;
  for (const id of ['home', 'detail', 'compare']) $(id).hidden = id !== (what === 'file' ? 'detail' : what);
  $('question').hidden = what !== 'home';
  if (what === 'file') showDetail(Number(rest));
  else if (what === 'compare') showCompare(rest.split('/').map(Number));
  else {
    $('detail').replaceChildren(); // the players in there stop
    $('compare').replaceChildren();
    render();
    if (was) $('question').focus();
  }
}
addEventListener('hashchange', () => { if (!$('login').hidden) return; route(); });

async function load() {
  const [status, list] = [await api('status'), await api('files')];
  state.status = status;
  state.files = new Map(list.files.map(f => [f.id, f]));
  $('about').textContent = 'avalign ' + status.avalign + ' · on this machine';
  $('limits').textContent = 'Up to ' + size(status.max_file) + ' each. They go to a private folder on this machine, and are removed after ' + Number(status.expire_days.toFixed(2)) + (status.expire_days === 1 ? ' day.' : ' days.');
  banner(status.trouble ? 'Judging has to wait: ' + status.trouble : '');
}

function event(kind, data) {
  const e = JSON.parse(data);
  if (kind === 'reload') { load().then(render, () => {}); return; }
  if (e.progress) progress(e.progress.id, e.progress.done);
  if ('trouble' in e) banner(e.trouble ? 'Judging has to wait: ' + e.trouble : '');
  if (e.file) {
    const before = state.files.get(e.file.id);
    state.files.set(e.file.id, e.file);
    if (e.file.verdict && !(before && before.verdict)) say(base(e.file.name) + ': ' + verdict(e.file)[0]);
    for (const f of state.files.values()) if (f.same_as === e.file.id && e.file.verdict) api('files/' + f.id).then(n => { state.files.set(n.id, n); renderSoon(); }, () => {});
    renderSoon();
  }
  if (e.gone) {
    const copies = [...state.files.values()].some(f => f.same_as === e.gone);
    state.files.delete(e.gone);
    if (copies) load().then(render, () => {}); else renderSoon();
  }
}

// Server-sent events, read by hand: the browser's own reader can't send the token.
let stream = null, wait = 1000;
async function listen() {
  if (stream || document.hidden) return;
  const mine = stream = new AbortController();
  try {
    const r = await fetch('api/events', { headers: headers(), signal: mine.signal });
    if (r.status === 401) { login('The token is not valid any more.'); return; }
    if (!r.ok) throw new Error();
    await load(); // what happened meanwhile
    route();
    wait = 1000;
    const reader = r.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = '';;) {
      const { value, done } = await reader.read();
      if (done) throw new Error();
      text += value;
      const parts = text.split('\n\n');
      text = parts.pop();
      for (const p of parts) {
        const data = /^data: (.*)$/m.exec(p), kind = /^event: (.*)$/m.exec(p);
        if (data) event(kind ? kind[1] : '', data[1]);
      }
    }
  } catch (e) {
    if (stream !== mine) return;
    stream = null;
    if (document.hidden) return;
    banner('The server does not answer. What was sent is safe; trying again …');
    setTimeout(listen, wait);
    wait = Math.min(10000, wait * 2);
  }
}
document.addEventListener('visibilitychange', () => { // a page that nobody sees takes no connection
  if (document.hidden) { const s = stream; stream = null; if (s) s.abort(); } else if ($('login').hidden) listen();
});

async function start(typed) {
  try { await load(); } catch (e) {
    if (!(e instanceof Refused)) throw e;
    if (e.code === 401) login(state.token ? 'This token is not the right one.' : '');
    else { banner(e.message); setTimeout(start, 3000); }
    return;
  }
  $('login').hidden = true;
  if (typed) $('token').value = '';
  route();
  listen();
}
start(false);
