// A headless Chromium, and a page of it that notes whatever should not happen.

import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const modules = resolve(import.meta.dirname, '../../../npm/node_modules');
const load = (path) => import(pathToFileURL(resolve(modules, path)));
const { default: packed } = await load('@sparticuz/chromium/build/esm/index.js');
const { chromium } = await load('playwright-core/index.mjs');
const { source: axe } = (await load('axe-core/axe.js')).default;

export async function launch() {
  return chromium.launch({
    executablePath: await packed.executablePath(),
    // Not those that the package proposes: they take the web's own safeguards away, which are to be tested.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    headless: true,
  });
}

const USUAL = { viewport: { width: 1440, height: 1000 }, colorScheme: 'dark' };
const contexts = new WeakMap();

/** Usual pages are in one context, so that what they are made of is loaded once. */
async function newPage(browser, options) {
  if (options) {
    return browser.newPage({ ...USUAL, ...options });
  }
  if (!contexts.has(browser)) {
    contexts.set(browser, browser.newContext(USUAL));
  }
  return (await contexts.get(browser)).newPage();
}

/** A page with `problems`: errors of the console, answers that are errors, requests to other origins. */
export async function watched(browser, base, options) {
  const page = await newPage(browser, options);
  const problems = [];
  page.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && problems.push(`console: ${message.text()}`),
  );
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on(
    'request',
    (request) => new URL(request.url()).origin !== new URL(base).origin && problems.push(`request to ${request.url()}`),
  );
  page.on(
    'response',
    (response) => response.status() >= 400 && problems.push(`${response.status()} for ${response.url()}`),
  );
  return { page, problems };
}

/** Goes to a path, and waits until every panel shows something. */
export async function open(page, url) {
  await page.goto(url);
  await settled(page);
}

/** Waits until every panel shows something. */
export async function settled(page) {
  await page.waitForFunction(
    () =>
      document.querySelector('.panel') &&
      document.querySelector('.variables') &&
      !document.querySelector('main[aria-busy]'),
    null,
    { timeout: 30_000 },
  );
}

/** What axe finds that keeps people from using the page: `serious` and `critical` violations, each with its element. */
export async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { resultTypes: ['violations'] });
    return found
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.failureSummary} ${node.html.slice(0, 200)}`));
  });
}

/** What each panel is called, what type it has, in which state it is and what it says. */
export function panels(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('.panel')].map((panel) => ({
      id: panel.dataset.panel,
      type: panel.dataset.type,
      state: panel.dataset.state,
      title: panel.querySelector('h2').textContent,
      text: panel.querySelector('.body').textContent,
    })),
  );
}
