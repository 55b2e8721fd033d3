// node draw.mjs OUT.png "d=prod/orders.v1&theme=dark&var-group=billing" [OUT.png "d=..."]...
//
// Draws dashboards with Chromium; ends with 1 where a panel has an error or is not drawn in time. From the environment
// (`python -m tests.recorded` sets the first four): PROMETHEUS, DASHBOARDS, NOW, SCRAPE; WIDTH, CHROMIUM, COLOURS.
import { launch, save } from './chromium.mjs';
import { serve } from './server.mjs';

const { PROMETHEUS, DASHBOARDS, NOW, SCRAPE = '30', WIDTH = '1600' } = process.env;
const PATIENCE = 60_000;
if (!PROMETHEUS || !DASHBOARDS || !NOW) {
  console.error('PROMETHEUS, DASHBOARDS or NOW is not set: run this by `python -m tests.recorded PLACE node ...`');
  process.exit(64);
}

/** What is wrong with the page, as the browser says it. */
function listen(page, complain) {
  page.on('pageerror', (error) => complain(`page: ${error.message.slice(0, 400)}`));
  page.on('console', (line) => line.type() === 'error' && complain(`console: ${line.text().slice(0, 400)}`));
  page.on(
    'response',
    (answer) => answer.status() >= 400 && complain(`${answer.status()} ${answer.url().slice(0, 200)}`),
  );
}

async function draw(browser, address, file, query) {
  let complaints = 0;
  const complain = (text) => {
    complaints++;
    console.error(`${file}: ${text}`);
  };
  const page = await browser.newPage({ viewport: { width: Number(WIDTH), height: 400 } });
  listen(page, complain);
  await page.clock.setFixedTime(new Date(NOW)); // "20 minutes ago" is counted from it
  const asked = new URLSearchParams({
    now: NOW,
    tz: 'utc',
    scrape: SCRAPE,
    ...Object.fromEntries(new URLSearchParams(query)),
  });
  await page.goto(`${address}?${asked}`);
  await page
    .waitForFunction(() => window.panels && window.done >= window.panels, null, { timeout: PATIENCE })
    .catch(() => complain(`not all panels were drawn in ${PATIENCE / 1000} s`));
  // Tables outside of what is seen are not painted.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: Number(WIDTH), height });
  await page.waitForTimeout(700); // the last canvas is painted
  for (const panel of Object.values((await page.evaluate(() => window.report)) ?? {})) {
    if (panel.error) {
      complain(`${panel.title}: ${panel.error}`);
    } else if (panel.type !== 'text' && !panel.series) {
      console.log(`${file}: ${panel.title}: no data`);
    }
  }
  await save(page, file);
  await page.close();
  return complaints;
}

const server = await serve(PROMETHEUS, DASHBOARDS);
const browser = await launch();
let complaints = 0;
for (let i = 2; i + 1 < process.argv.length; i += 2) {
  complaints += await draw(browser, server.address, process.argv[i], process.argv[i + 1]);
}
await browser.close();
server.close();
process.exit(complaints ? 1 : 0);
