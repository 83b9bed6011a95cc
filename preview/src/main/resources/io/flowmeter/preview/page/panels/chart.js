// What all charts have in common: the library, its look in the page's own colours, sizes, and tooltips out of nodes.

import * as echarts from '/lib/echarts.js';
import { own } from '../colors.js';
import { el } from '../dom.js';
import { display } from '../fields.js';

/**
 * A chart in a box that follows the box's size.
 *
 * @param resized is called after each change of size
 * @returns the chart, and what takes it away
 */
export function chartIn(box, label, resized = () => {}) {
  const chart = echarts.init(box, null, {
    renderer: 'canvas',
    width: box.clientWidth || 300,
    height: box.clientHeight || 150,
  });
  box.setAttribute('role', 'img');
  box.setAttribute('aria-label', label);
  const sizes = new ResizeObserver(() => {
    if (box.clientWidth > 0 && box.clientHeight > 0) {
      chart.resize({ width: box.clientWidth, height: box.clientHeight });
      resized();
    }
  });
  sizes.observe(box);
  const undo = () => {
    sizes.disconnect();
    chart.dispose();
  };
  return { chart, undo };
}

/** A chart over time in words, for those who cannot see it: of each series, where it ends and how high it was. */
export function spoken(title, fields, utc) {
  const series = fields.map((field) => {
    const values = field.values.filter((value) => typeof value === 'number');
    if (values.length === 0) {
      return `${field.title} has no value`;
    }
    const [last, most] = [values.at(-1), values.reduce((a, b) => Math.max(a, b))].map(
      (value) => display(field, value, utc).text,
    );
    return `${field.title} ${last} last, ${most} at most`;
  });
  return `${title}: ${series.join('; ')}`;
}

/** Options that every chart begins with. */
export function base(utc) {
  return {
    animation: false,
    useUTC: utc,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'inherit', color: own('text') },
  };
}

/** An axis in the page's colours. */
export function axis(more) {
  return {
    ...more,
    axisLine: { lineStyle: { color: own('line') } },
    axisTick: { lineStyle: { color: own('line') } },
    splitLine: { show: more.type !== 'category', lineStyle: { color: own('grid') } },
    axisLabel: { color: own('muted'), fontSize: 11, hideOverlap: true, ...more.axisLabel },
  };
}

const ROUND_MS = [
  5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
  10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
];
const ROUND_BYTES = Array.from({ length: 50 }, (_, power) => 2 ** power);
const ROUND = { ms: [1, ROUND_MS], s: [1_000, ROUND_MS], bytes: [1, ROUND_BYTES] };
const MOST_MARKS = 5;
const ROUND_ENOUGH_MS = 10_000;

/**
 * Where an axis ends and how far its marks are apart, so that they are round in their unit: durations in seconds, minutes
 * and hours, sizes in powers of two, shares in quarters. Empty where the library's own choice is round enough.
 *
 * @param most the highest value
 */
export function marks({ unit, min, max }, most) {
  if (typeof min === 'number' && typeof max === 'number') {
    return { interval: (max - min) / 4 };
  }
  const [factor, steps] = ROUND[unit] ?? [1, []];
  if (min !== 0 || steps.length === 0 || most <= 0 || (steps === ROUND_MS && most * factor < ROUND_ENOUGH_MS)) {
    return {};
  }
  const last = steps.at(-1);
  const step =
    steps.find((each) => (most * factor) / each <= MOST_MARKS) ?? last * Math.ceil((most * factor) / last / MOST_MARKS);
  return { interval: step / factor, max: (Math.ceil((most * factor) / step) * step) / factor };
}

/** A tooltip whose content is nodes: what comes from data is text in them. */
export function tooltip(content, more = {}) {
  return {
    confine: true,
    className: 'tip',
    transitionDuration: 0,
    backgroundColor: own('raised'),
    borderColor: own('line'),
    textStyle: { color: own('text'), fontSize: 12 },
    formatter: content,
    ...more,
  };
}

/** Lines of a tooltip: a heading, then each `{ color, name, value }`. */
export function tipNodes(heading, lines) {
  return el(
    'div',
    { class: 'tip-body' },
    el('div', { class: 'tip-head', text: heading }),
    lines.map(({ color, name, value }) =>
      el(
        'div',
        { class: 'tip-line' },
        el('span', { class: 'dot', style: { 'background-color': color } }),
        el('span', { class: 'tip-name', text: name }),
        el('b', { text: value }),
      ),
    ),
  );
}

/** A text short enough for an axis. */
export function shortened(text, most = 28) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
