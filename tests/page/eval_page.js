// The evaluation's page in a real Chromium: tables and plots are drawn, names stay text, nothing is fetched.
// node eval_page.js PAGE.html SHOTS_DIR
'use strict';
const path = require('path');
const { chromium } = require(path.join(__dirname, '../../third_party/browser/package'));
const [file, shots] = process.argv.slice(2);
let failed = 0;
const ok = (what, yes) => { if (!yes) failed++; console.log((yes ? 'ok   ' : 'FAIL ') + what); };
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  for (const [width, scheme] of [[1280, 'light'], [390, 'dark']]) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme }), said = [], asked = [];
    page.on('console', m => { if (m.type() === 'error') said.push(m.text()); });
    page.on('pageerror', e => said.push(String(e)));
    page.on('request', r => { if (!/^file:/.test(r.url())) asked.push(r.url()); });
    await page.goto('file://' + path.resolve(file));
    ok('four tables', await page.locator('table').count() === 4);
    ok('every row has as many cells as the head', await page.evaluate(() => [...document.querySelectorAll('tr')].every(r => r.children.length === 8)));
    ok('two plots with five curves', await page.locator('svg').count() === 2 && await page.locator('polyline').count() === 5);
    ok('every curve has points', await page.evaluate(() => [...document.querySelectorAll('polyline')].every(p => /^[\d., ]{7,}$/.test(p.getAttribute('points')))));
    ok('a name full of markup is text', await page.locator('img').count() === 0 && (await page.textContent('main')).includes('<img src=x'));
    ok('the page is no wider than the screen', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    ok('no errors, nothing fetched: ' + said.concat(asked).join(' '), !said.length && !asked.length);
    await page.screenshot({ path: path.join(shots, 'eval' + width + '.png'), fullPage: true });
  }
  await browser.close();
  process.exit(failed ? 1 : 0);
})();
