// Looks at the preview as a person would. One line of JSON for each thing looked at: its name, and what is wrong.
//
//   node look.mjs http://127.0.0.1:PORT/ FOLDER_FOR_SCREENSHOTS

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { launch, open, panels, settled, violations, watched } from './browser.mjs';

const [base, folder] = process.argv.slice(2);
const SHAPES = '/d/shapes';
mkdirSync(folder, { recursive: true });
const browser = await launch();

/** Looks at one thing; what `look` returns is wrong, and so is what the page noted meanwhile. */
async function look(name, look, { options, expected = [] } = {}) {
  const { page, problems } = await watched(browser, base, options);
  const wrong = [];
  const begin = Date.now();
  try {
    wrong.push(...((await look(page)) ?? []));
  } catch (e) {
    wrong.push(e.message);
  }
  wrong.push(...problems.filter((problem) => !expected.some((each) => problem.includes(each))));
  await page.close();
  console.log(JSON.stringify({ name, problems: wrong, ms: Date.now() - begin }));
}

const at = (path) => new URL(path, base).href;
const picture = (page, name) => page.screenshot({ path: resolve(folder, `${name}.png`) });
const unless = (fine, problem) => (fine ? [] : [problem]);
const address = (page) => new URL(page.url());

/** As high as the dashboard is, so that a picture has all of it. */
async function grow(page) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...page.viewportSize(), height: Math.min(height, 8_000) });
}

/** Waits for a whole frame, in which charts take on a new size and panels new colours. */
const nextFrame = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

/** What is too wide or not accessible, in wide and narrow windows of both colour schemes. */
async function hardToUse(page, uid) {
  const wrong = [];
  for (const width of [1440, 390]) {
    await page.setViewportSize({ ...page.viewportSize(), width });
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await nextFrame(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      const found = [...unless(wide <= 0, `${wide} px too wide`), ...(await violations(page))];
      wrong.push(...found.map((each) => `${width} px, ${colorScheme}: ${each}`));
    }
  }
  await grow(page);
  await picture(page, `${uid}-narrow-light`);
  return wrong;
}

const dashboards = (await (await fetch(at('/api/dashboards'))).json()).filter(
  (each) => !['shapes', 'mistakes'].includes(each.uid),
);

for (const { uid, title } of dashboards) {
  await look(`${title}: every panel shows data`, async (page) => {
    await open(page, at(`/d/${uid}`));
    await grow(page);
    await picture(page, uid);
    return [
      ...(await panels(page))
        .filter((panel) => panel.state !== 'ready')
        .map((panel) => `${panel.title} is ${panel.state}: ${panel.text}`),
      ...(await hardToUse(page, uid)),
    ];
  });
}

await look('from the overview to what an instance did, with the same range', async (page) => {
  await open(page, at('/d/flowmeter-overview?from=now-12h&to=now'));
  const link = page.locator('.panel:has(h2:text-is("Recent failures")) a[href^="/d/flowmeter-instance"]').first();
  const instance = await link.textContent();
  await link.click();
  await page.waitForURL('**/d/flowmeter-instance**');
  await settled(page);
  const { searchParams } = address(page);
  const spans = await page.locator('.panel[data-type="traces"] .span:not(.ruler)').allTextContents();
  return [
    ...unless(
      searchParams.get('from') === 'now-12h' && searchParams.get('to') === 'now',
      `the range became ${searchParams}`,
    ),
    ...unless((await page.locator('#var-instance').inputValue()) === instance, `another instance than ${instance}`),
    ...unless(spans.length > 3 && spans[0].includes('run: '), `the waterfall has ${spans}`),
  ];
});

for (const { uid, title } of dashboards.filter((each) => /overview|instance|errors/.test(each.uid))) {
  await look(`${title}: names and errors out of the data stay text`, async (page) => {
    await open(page, at(`/d/${uid}?var-account=canary`));
    const found = await page.evaluate(() => ({
      title: document.title,
      made: document.querySelectorAll('main :is(img, script, iframe, b, i, [onerror], [onload]), header [onerror]')
        .length,
      text: document.body.textContent,
    }));
    const failed = (await panels(page)).filter((panel) => panel.state === 'error');
    return [
      ...unless(
        !found.title.includes('hacked') && found.made === 0,
        `something in the data was taken for HTML: ${found.made} elements`,
      ),
      ...unless(found.text.includes('<img src=x onerror=document.title="hacked">'), 'the workflow is not to be seen'),
      ...failed.map((panel) => `${panel.title}: ${panel.text}`),
    ];
  });
}

await look('numbers, times and points are told as Grafana tells them', async (page) => {
  await page.goto(at('/page/icon.svg'));
  const told = await page.evaluate(async () => {
    const [{ format }, { instant, interval, period }] = await Promise.all([
      import('/page/units.js'),
      import('/page/time.js'),
    ]);
    const now = Date.UTC(2026, 10, 27, 10, 30);
    return [
      ...[
        [0, 'ms'],
        [850, 'ms'],
        [5_230, 'ms'],
        [71_400, 'ms'],
        [5_400_000, 'ms'],
        [90, 's'],
      ].map((each) => format(...each)),
      ...[
        [0.9017, 'percentunit', 2],
        [0.5, 'percentunit'],
        [40, 'percent'],
        [1_234, 'short'],
        [12, 'short'],
        [1_830_000, 'short'],
        [0.25, 'short'],
      ].map((each) => format(...each)),
      ...[
        [1_536, 'bytes'],
        [2.5, 'reqps'],
        [1_234, 'none'],
        [now, 'dateTimeAsIso'],
        [7, 'suffix: runs'],
      ].map((each) => format(...each)),
      ...['now-1h', 'now/d', 'now-1d/d', '1700000000000', '2026-11-27T10:00:00Z'].map(
        (each) => instant(each, now) - now,
      ),
      instant('now/d', now, true) - now,
      ...[
        [{ from: 0, to: 86_400_000 }, 200, 60_000],
        [{ from: 0, to: 3_600_000 }, 1_000, 0],
        [{ from: 0, to: 60_000 }, 1_000, 0],
      ].map((each) => interval(...each)),
      period('30s'),
      period('>1m'),
      period(undefined),
    ];
  });
  const expected = [
    ...['0 ms', '850 ms', '5.23 s', '1.19 min', '1.5 h', '1.5 min'],
    ...['90.17%', '50%', '40%', '1.23 K', '12', '1.83 Mil', '0.25'],
    ...['1.5 KiB', '2.5 req/s', '1234', '2026-11-27 10:30:00', '7 runs'],
    ...[-3_600_000, -37_800_000, -124_200_000, 1_700_000_000_000 - Date.UTC(2026, 10, 27, 10, 30), -1_800_000],
    48_599_999,
    ...[300_000, 5_000, 1_000],
    ...[30_000, 60_000, 0],
  ];
  return expected.flatMap((each, i) => unless(told[i] === each, `expected ${each}, came ${told[i]}`));
});

await look('each type of panel is drawn', async (page) => {
  await open(page, at(SHAPES));
  await grow(page);
  await picture(page, 'shapes');
  return (await panels(page))
    .filter((panel) => panel.state !== 'ready')
    .map((panel) => `${panel.title} is ${panel.state}: ${panel.text}`);
});

await look(
  'what cannot be shown is said in its place',
  async (page) => {
    await open(page, at('/d/mistakes'));
    const told = Object.fromEntries(
      (await panels(page)).map((panel) => [panel.title, `${panel.state}: ${panel.text}`]),
    );
    return [
      ...unless(
        told['A map'] === 'unsupported: This page cannot draw a panel of type geomap. Grafana can.',
        told['A map'],
      ),
      ...unless(/^error: ClickHouse \(code 47\): .*no_such_column/.test(told['A mistake']), told['A mistake']),
      ...unless(told['Nothing'] === 'empty: Nobody was here.', told['Nothing']),
    ];
  },
  { expected: ['502'] },
);

await look('what stands in the data is text and nothing else', async (page) => {
  await open(page, at(`${SHAPES}?var-said=${encodeURIComponent('<img src=x onerror=document.title="hacked">')}`));
  const found = await page.evaluate(() => ({
    title: document.title,
    images: [...document.querySelectorAll('main img, main script, main iframe, main [onerror]')].length,
    texts: [...document.querySelectorAll('main td')].map((cell) => cell.textContent),
    links: [...document.querySelectorAll('main a')].map((link) => link.getAttribute('href')),
  }));
  const said = (text) =>
    unless(
      found.texts.some((each) => each === text),
      `not to be read: ${text}`,
    );
  return [
    ...unless(!found.title.includes('hacked') && found.images === 0, 'something in the data was taken for HTML'),
    ...said('<img src=x onerror=document.title="hacked">'),
    ...said('"quotes" \'single\' `back` \\ & <b>bold</b>'),
    ...said('héllo 世界 🎉 \u202Egnp.exe'),
    ...said('m'.repeat(271)),
    ...found.links.flatMap((href) => unless(href.startsWith('/d/'), `a link leads to ${href}`)),
  ];
});

await look('dragging over a chart goes to that stretch of time', async (page) => {
  await open(page, at(`${SHAPES}?from=now-6h&to=now`));
  const chart = await page.locator('.panel[data-type="timeseries"] .chart').first().boundingBox();
  const before = { from: Date.now() - 6 * 3_600_000, to: Date.now() };
  await page.mouse.move(chart.x + chart.width * 0.4, chart.y + chart.height / 2);
  await page.mouse.down();
  await page.mouse.move(chart.x + chart.width * 0.6, chart.y + chart.height / 2, { steps: 4 });
  await page.mouse.up();
  await settled(page);
  const parameters = address(page).searchParams;
  const [from, to] = [Number(parameters.get('from')), Number(parameters.get('to'))];
  await page.goBack();
  await settled(page);
  return [
    ...unless(from > before.from && to < before.to && to - from < 3 * 3_600_000, `came to ${address(page)}`),
    ...unless(address(page).searchParams.get('from') === 'now-6h', 'the way back is lost'),
  ];
});

await look('variables are chosen one after the other, and stand in the address', async (page) => {
  await open(page, at(SHAPES));
  await page.locator('#var-letter summary').click();
  await page.getByRole('checkbox', { name: 'b', exact: true }).check();
  await page.locator('#var-letter').getByRole('button', { name: 'Apply' }).click();
  await settled(page);
  const words = await page.locator('#var-word option').allTextContents();
  return [
    ...unless(address(page).searchParams.getAll('var-letter').join() === 'b', `the address is ${address(page)}`),
    ...unless(words.join() === 'bear,bee', `words on offer: ${words}`),
  ];
});

await look('keys alone reach a variable, choose in it and leave it', async (page) => {
  await open(page, at(SHAPES));
  const focused = () => page.evaluate(() => document.activeElement.closest('#var-letter') !== null);
  let steps = 0;
  while (!(await focused()) && steps++ < 40) {
    await page.keyboard.press('Tab');
  }
  const opened = async () => (await page.locator('#var-letter[open], #var-letter details[open]').count()) > 0;
  await page.keyboard.press('Enter');
  const open1 = await opened();
  await page.keyboard.press('Escape');
  const closed = !(await opened());
  const stayed = await focused();
  await page.keyboard.press('Enter');
  const box = page.getByRole('checkbox', { name: 'b', exact: true });
  for (let i = 0; i < 20 && !(await box.evaluate((each) => each === document.activeElement)); i++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Space');
  const apply = page.locator('#var-letter').getByRole('button', { name: 'Apply' });
  for (let i = 0; i < 20 && !(await apply.evaluate((each) => each === document.activeElement)); i++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await settled(page);
  return [
    ...unless(open1, `Enter did not open the variable, after ${steps} steps`),
    ...unless(closed && stayed, 'Escape did not close it and keep the focus'),
    ...unless(address(page).searchParams.getAll('var-letter').join() === 'b', `the address is ${address(page)}`),
  ];
});

await look('each panel is named apart, and each chart is told in words', async (page) => {
  await open(page, at(SHAPES));
  const abouts = await page.getByRole('button', { name: /^About ./ }).count();
  const infos = await page.locator('button.info').count();
  const charts = await page
    .locator('.panel[data-type="timeseries"] [role="img"]')
    .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
  return [
    ...unless(infos > 0 && abouts === infos, `${abouts} of ${infos} buttons are named after their panels`),
    ...unless(charts.length > 0 && charts.every((each) => / last, .* at most/.test(each)), `charts say ${charts}`),
  ];
});

await look('a link keeps range and variables', async (page) => {
  await open(page, at(`${SHAPES}?from=now-3h&to=now-1h&var-letter=a`));
  await page.locator('.panel[data-type="table"] td a').first().click();
  await page.waitForURL((url) => url.searchParams.get('var-said') === 'id 1/2');
  await settled(page);
  const { pathname, searchParams } = address(page);
  return [
    ...unless(pathname === '/d/shapes', `came to ${pathname}`),
    ...unless(
      searchParams.get('from') === 'now-3h' && searchParams.get('to') === 'now-1h',
      `the range became ${searchParams}`,
    ),
    ...unless(searchParams.get('var-letter') === 'a', `the variables became ${searchParams}`),
  ];
});

await look('it loads again by itself, one load after the other', async (page) => {
  let [under, most, loads] = [0, 0, 0];
  const of = (request) => request.url().endsWith('/api/annotation');
  page.on('request', (request) => of(request) && (most = Math.max(most, ++under)));
  page.on('requestfinished', (request) => of(request) && (under--, loads++));
  await open(page, at(`${SHAPES}?refresh=1s`));
  await page.waitForRequest((request) => of(request), { timeout: 10_000 });
  await settled(page);
  return [...unless(loads >= 1, `${loads} loads`), ...unless(most === 1, `${most} loads at a time`)];
});

await look('a link keeps the focus when its panel is drawn anew', async (page) => {
  await open(page, at(`${SHAPES}?refresh=1s&var-letter=a`));
  const link = page.locator('.panel[data-type="table"] td a').first();
  await link.focus();
  const before = await link.elementHandle();
  await page.waitForFunction((old) => !old.isConnected, before, { timeout: 10_000 });
  await settled(page);
  const focused = await page.evaluate(() => document.activeElement.closest('.panel')?.dataset.type);
  return unless(focused === 'table', `the focus is in ${focused}`);
});

await browser.close();
