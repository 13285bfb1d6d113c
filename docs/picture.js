// Draws the pictures of docs/ from a page: node picture.js PAGE.html OUT.png
'use strict';
const path = require('path');
const { chromium } = require(path.join(__dirname, '../third_party/browser/package'));
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: 1180, height: 900 }, colorScheme: 'light' });
  await page.goto('file://' + path.resolve(process.argv[2]));
  await page.waitForFunction(() => document.querySelector('video').readyState >= 2, null, { timeout: 20000 });
  await page.evaluate(() => { document.querySelector('video').currentTime = 6.6; });
  await page.waitForTimeout(500);
  const end = await page.evaluate(() => [...document.querySelectorAll('h2')].find(h => h.textContent.startsWith('Findings')).nextElementSibling.children[2].getBoundingClientRect().bottom + 14);
  await page.screenshot({ path: process.argv[3], fullPage: true, clip: { x: 0, y: 0, width: 1180, height: Math.round(end) } });
  await browser.close();
})().catch(e => { console.error(e); process.exit(1); });
