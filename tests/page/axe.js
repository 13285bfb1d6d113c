// What axe-core says of a page or frame: nothing where it is well; null where axe-core is not there (setup/test_tools.sh fetches it).
'use strict';
const fs = require('fs'), path = require('path');
const file = path.join(__dirname, '../../third_party/browser/axe/axe.min.js');
const source = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
// By the tool's own connection to the browser, so that the page's Content-Security-Policy stays as it is.
module.exports = async frame => {
  if (!source) return null;
  await frame.evaluate(source);
  const found = await frame.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'], iframes: false }));
  return found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ' ' + n.html.slice(0, 100) + ' ' + (n.any[0] || n.all[0] || n.none[0] || {}).message));
};
