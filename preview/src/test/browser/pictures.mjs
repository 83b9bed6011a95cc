// Takes the pictures in docs/screenshots, of the day that `flowmeter verify --seed 182 --stay` shows. docs/screenshots/make runs it.
//
//   node pictures.mjs 'http://127.0.0.1:PORT/d/flowmeter-overview?from=…&to=…' FOLDER
//
// It follows docs/tour.md click by click, and fails if a link does not lead to where the tour says. Then it takes each
// dashboard, with the workflow, step and instance of the tour.

import { resolve } from 'node:path';
import { launch, open, panels, settled, watched } from './browser.mjs';

const WIDTH = 1440;
const [start, folder] = process.argv.slice(2);
const browser = await launch();
const { page, problems } = await watched(browser, start);
const variables = new URLSearchParams();

const panel = (title) => page.locator(`.panel:has(h2:text-is("${title}"))`);
const rows = (title) => panel(title).locator('tbody tr');
const link = (row, dashboard) => row.locator(`a[href*="/d/${dashboard}"]`);

/** Takes the page from the top of one panel to the end of another, with a frame around what the tour clicks next. */
async function picture(name, first, last, next) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: WIDTH, height: Math.min(height, 8_000) });
  await settled(page);
  await next?.evaluate((a) => Object.assign(a.style, { outline: '2px solid #ff9830', outlineOffset: '3px' }));
  const top = first ? (await panel(first).boundingBox()).y - 8 : 0;
  const { y, height: lowest } = await panel(last).boundingBox();
  const clip = { x: 0, y: top, width: WIDTH, height: y + lowest + 8 - top };
  await page.screenshot({ path: resolve(folder, `${name}.png`), clip });
  console.log(`${name}.png`);
}

/** Clicks a link, and checks that it leads to a dashboard of that value without a failed panel. */
async function click(next, dashboard, variable) {
  const text = (await next.textContent()).trim();
  await next.click();
  await page.waitForURL((url) => url.pathname === `/d/${dashboard}` && url.searchParams.get(`var-${variable}`) === text);
  await settled(page);
  const failed = (await panels(page)).filter(({ state }) => state === 'error');
  if (failed.length > 0) {
    throw new Error(`After the click on ${text}: ${failed.map(({ title, text: said }) => `${title}: ${said}`)}`);
  }
  variables.set(`var-${variable}`, text);
}

/** The row of a table with the highest value in a column. */
async function worst(title, column) {
  const at = await rows(title).evaluateAll((each, name) => {
    const heads = [...each[0].closest('table').querySelectorAll('th')].map((head) => head.textContent);
    const values = each.map((row) => parseFloat(row.cells[heads.indexOf(name)].textContent));
    return values.indexOf(Math.max(...values));
  }, column);
  return rows(title).nth(at);
}

await open(page, start);
const spike = link(await worst('Error spikes', 'Error rate'), 'flowmeter-workflow');
await picture('tour-1-alert', 'Error spikes', 'Error groups', spike);
await click(spike, 'flowmeter-workflow', 'workflow');

const step = link(rows('Slowest steps').filter({ hasText: /^gather region\s*step/ }), 'flowmeter-step').first();
await picture('tour-2-workflow', 'Slowest steps', 'Step failures over time', step);
await click(step, 'flowmeter-step', 'step');

const version = (await worst('Version comparison', 'Failure rate')).locator('a[href*="var-version="]');
await picture('tour-3-step', 'Step runs by outcome', 'Version comparison', version);
await click(version, 'flowmeter-step', 'version');

// Rollbacks of the step may have failed, too, with another error.
const failure = rows('Recent step failures').filter({ hasText: 'storage operation exceeded timeout' }).first();
const instance = link(failure, 'flowmeter-instance');
await picture('tour-4-version', 'Time lost by step', 'Recent step failures', instance);
await click(instance, 'flowmeter-instance', 'instance');
await picture('tour-5-instance', null, 'Run waterfall');

// What each dashboard shows of it, apart from what is empty when a day is over.
const extents = {
  'flowmeter-overview': ['Workflow summary', 'Runs by outcome'],
  'flowmeter-workflow': ['Slowest steps', 'Step funnel'],
  'flowmeter-step': ['Duration heatmap', 'Failure rate by version'],
  'flowmeter-instance': ['Status', 'Steps'],
  'flowmeter-errors': ['Errored runs', 'Error group trend'],
  'flowmeter-health': ['Sweep age', 'Sweep status by workflow'],
};
const range = new URL(start).searchParams;
variables.delete('var-version');
for (const [dashboard, [first, last]] of Object.entries(extents)) {
  const own = dashboard.match(/workflow|step|instance/) ? variables : [];
  await open(page, new URL(`/d/${dashboard}?${new URLSearchParams([...range, ...own])}`, start).href);
  await picture(dashboard, first, last);
}

await browser.close();
if (problems.length > 0) {
  throw new Error(problems.join('\n'));
}
