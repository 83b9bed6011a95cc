// Takes a picture of each dashboard, whole. For those in docs/screenshots, of a day with an outage, after `flowmeter verify --stay`:
//
//   node pictures.mjs http://127.0.0.1:PORT/ FOLDER 'from=…&to=…' 'flowmeter-step=var-workflow=…&var-step=…' …

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { launch, open, watched } from './browser.mjs';

const [base, folder, shared = '', ...own] = process.argv.slice(2);
const parts = new Map(own.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]));
mkdirSync(folder, { recursive: true });
const browser = await launch();
const { page } = await watched(browser, base);
for (const { uid } of await (await fetch(new URL('/api/dashboards', base))).json()) {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page, new URL(`/d/${uid}?${[shared, parts.get(uid)].filter(Boolean).join('&')}`, base).href);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: 1440, height: Math.min(height, 8_000) });
  await page.screenshot({ path: resolve(folder, `${uid}.png`) });
  console.log(uid);
}
await browser.close();
