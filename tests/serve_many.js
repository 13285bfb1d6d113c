// How avalign serve takes a folder of thousands of files, in a real Chromium; by hand, not in the suite: it takes minutes.
// node tests/serve_many.js [N=5000] [AVALIGN=build/avalign]. Every hundredth file is a clip, the others are no videos, which is soon said of them: all of them have to be
// sent, listed and judged, none lost, and the page has to answer meanwhile. Prints how long it took; exits 1 when something is missing.
'use strict';
const fs = require('fs'), os = require('os'), path = require('path'), { spawn, execFileSync } = require('child_process');
const root = path.join(__dirname, '..'), { chromium } = require(path.join(root, 'third_party/browser/package'));
const n = Number(process.argv[2] || 5000), avalign = path.resolve(process.argv[3] || path.join(root, 'build/avalign'));
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'avalign-many-')), files = path.join(dir, 'clips'), port = String(20000 + process.pid % 20000);
const seconds = since => ((Date.now() - since) / 1000).toFixed(1) + ' s';
(async () => {
  fs.mkdirSync(files);
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-t', '1', '-i', path.join(root, 'samples/portrait.mp4'), '-c', 'copy', path.join(dir, 'clip.mkv')]);
  const clip = fs.readFileSync(path.join(dir, 'clip.mkv'));
  for (let i = 1; i <= n; i++) {
    const folder = path.join(files, String(Math.floor(i / 500)));
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, i + '.mkv'), i % 100 ? Buffer.alloc(40000, 'no video ' + i + ' ') : Buffer.concat([clip, Buffer.from(String(i))]));
  }
  const server = spawn(avalign, ['serve', '--out', path.join(dir, 'out'), '--port', port, '--only', 'artifacts,verdict', '--jobs', '1', '--quiet'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, AVALIGN_MODELS: path.join(root, 'tests/tiny') } });
  const url = await new Promise(ready => server.stdout.once('data', d => ready(String(d).trim())));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  let bad = 0, slowest = 0;
  page.on('pageerror', e => { bad = 1; console.log('page: ' + e); });
  await page.goto(url);
  await page.waitForSelector('#home:not([hidden])');
  const count = async () => {
    const t = Date.now(), all = await page.evaluate(() => Number((document.querySelector('[data-key=showall] b')?.textContent || '0').replace(/\D/g, ''))); // what anybody reads
    slowest = Math.max(slowest, Date.now() - t);
    return all;
  };
  const begun = Date.now();
  await page.setInputFiles('#folder', files);
  let told = 0, last = 0, since = Date.now();
  for (let all; (all = await count()) < n;) {
    if (all > last) { last = all; since = Date.now(); }
    if (Date.now() - since > 120000) { console.log('nothing came for 120 s: ' + await page.textContent('#sending')); bad = 1; break; }
    if (all - told >= 500) { told = all; console.log(all + ' after ' + seconds(begun)); }
    await new Promise(r => setTimeout(r, 500));
  }
  console.log(await count() + ' of ' + n + ' sent and listed after ' + seconds(begun) + '; the page answered within ' + slowest + ' ms');
  const token = await page.evaluate(() => sessionStorage.getItem('token'));
  const list = async () => (await (await fetch('http://127.0.0.1:' + port + '/api/files', { headers: { Authorization: 'Bearer ' + token } })).json()).files;
  let rows = await list();
  while (rows.some(f => f.status === 'queued' || f.status === 'working')) { await new Promise(r => setTimeout(r, 2000)); rows = await list(); }
  const names = new Set(rows.map(f => f.name)), judged = rows.filter(f => f.verdict).length, told2 = rows.filter(f => f.status === 'failed' && f.error).length;
  console.log(rows.length + ' in the list under ' + names.size + ' names; ' + judged + ' judged, ' + told2 + ' told to be no video, after ' + seconds(begun));
  if (rows.length !== n || names.size !== n || judged !== Math.floor(n / 100) || judged + told2 !== n) { console.log('FAIL: something is missing'); bad = 1; }
  await browser.close();
  server.kill('SIGTERM');
  fs.rmSync(dir, { recursive: true, force: true });
  process.exit(bad);
})().catch(e => { console.log(e); process.exit(1); });
