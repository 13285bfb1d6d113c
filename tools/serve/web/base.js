// base.js -- what the other parts share: elements made from text alone, the token, calls to the server, words.
export const $ = id => document.getElementById(id);
export const el = (tag, attrs, ...kids) => {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs || {})) {
    if (v === null || v === undefined || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v); else e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...kids.filter(k => k !== null && k !== undefined));
  return e;
};

export const state = { files: new Map(), status: {}, token: sessionStorage.getItem('token') || '' };
export const headers = () => state.token ? { Authorization: 'Bearer ' + state.token } : {};

export class Refused extends Error { constructor(code, text) { super(text); this.code = code; } }
// What the server says, or Refused with its words; code 0: it did not answer.
export async function api(path, method = 'GET', body) {
  let r;
  try {
    r = await fetch('api/' + path, { method, headers: body === undefined ? headers() : { ...headers(), 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (e) { throw new Refused(0, 'the server does not answer; is avalign serve running?'); }
  const said = await r.json().catch(() => ({}));
  if (!r.ok) throw new Refused(r.status, said.error || 'the server answered ' + r.status);
  return said;
}

export const say = text => { $('said').textContent = text; };
// A reason code in the words of the evidence page.
export const why = code => (state.status.reasons || {})[code] || code || 'not known';
export const num = (v, d = 2) => typeof v === 'number' && isFinite(v) ? v.toFixed(d) : '–';
export const size = n => n >= 1e9 ? (n / 1e9).toFixed(1) + ' GB' : n >= 1e6 ? (n / 1e6).toFixed(1) + ' MB' : Math.max(1, Math.round(n / 1e3)) + ' kB';
export const count = (n, one, many = one + 's') => n.toLocaleString('en') + ' ' + (n === 1 ? one : many);
export const upper = t => (t || '').replace(/^./, c => c.toUpperCase());
// Marks that turn the direction of writing can make "fdp.mp4" of another ending: they are shown, not followed.
export const plain = name => String(name).replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
export const base = name => plain(name).split('/').pop();
export const folder = name => plain(name).split('/').slice(0, -1).join('/');
export function when(seconds) {
  const d = new Date(seconds * 1000), now = new Date(), time = d.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return d.toDateString() === now.toDateString() ? time : d.toLocaleDateString([], { day: 'numeric', month: 'short' }) + ', ' + time;
}
// Verdict or state of a row: [words, class].
export function verdict(f) {
  if (f.verdict === 'flagged') return ['Flagged', 'bad'];
  if (f.verdict === 'not flagged') return f.noticed ? ['Not flagged, but something was found', 'warn'] : ['Not flagged', 'good'];
  if (f.verdict === 'not judged') return ['Not judged', 'warn'];
  if (f.status === 'failed') return ['Failed', 'warn'];
  if (f.status === 'working') return ['At work', 'work'];
  return ['Waiting', 'wait'];
}
export function ask(text) {
  const d = $('ask');
  $('ask-what').textContent = text;
  d.returnValue = 'no';
  d.showModal();
  return new Promise(done => d.addEventListener('close', () => done(d.returnValue === 'yes'), { once: true }));
}
export const link = (f, what, args = '') => f.links[what] + (args ? '?' + args : '');
