// Bars by name: a category from the first text, a bar of each number.

import { faded, own, shapeColor } from '../colors.js';
import { el } from '../dom.js';
import { display, hidden, seriesColor } from '../fields.js';
import { links } from '../links.js';
import { format } from '../units.js';
import { axis, base, chartIn, marks, shortened, tipNodes, tooltip } from './chart.js';

const MOST_BARS = 60;

export function draw({ body, panel, frames, view }) {
  const options = panel.options ?? {};
  const frame = frames.find((each) => each.rows > 0);
  const names =
    frame.fields.find((field) => field.title === options.xField || field.name === options.xField) ??
    frame.fields.find((field) => field.type === 'string' || field.type === 'time') ??
    frame.fields[0];
  const numbers = frame.fields.filter((field) => field.type === 'number' && field !== names && !hidden(field));
  const rows = Math.min(frame.rows, MOST_BARS);
  const labels = Array.from({ length: rows }, (_, row) => display(names, names.values[row], view.utc).text);
  const box = el('div', { class: 'chart' });
  const legend = numbers.length > 1 && options.legend?.showLegend !== false ? legendOf(numbers) : undefined;
  body.append(
    el(
      'div',
      { class: `with-legend ${options.legend?.placement === 'right' ? 'beside' : 'below'}` },
      el('div', { class: 'chart-frame' }, box),
      legend,
    ),
  );
  const bars = labels.map((label, row) =>
    [label, ...numbers.map((each) => `${each.title} ${display(each, each.values[row], view.utc).text}`)].join(', '),
  );
  const { chart, undo } = chartIn(box, `${panel.title}: ${bars.join('; ')}`);
  chart.setOption(optionsOf({ options, names, numbers, labels, rows, view }));
  chart.on('click', ({ seriesIndex, dataIndex }) => {
    const [target] = [numbers[seriesIndex], names].flatMap((field) => links(view, frame, field, dataIndex));
    if (target) {
      window.location.assign(target.href);
    }
  });
  return undo;
}

function optionsOf({ options, numbers, labels, rows, view }) {
  const lying =
    options.orientation === 'horizontal' ||
    (options.orientation !== 'vertical' && labels.some((label) => label.length > 14) && rows > 3);
  const categories = axis({
    type: 'category',
    data: labels,
    inverse: lying,
    axisLabel: {
      formatter: (label) => shortened(label, options.xTickLabelMaxLength ?? 28),
      interval: lying ? 0 : undefined,
      hideOverlap: true,
    },
  });
  const [first] = numbers;
  const stacked = options.stacking && options.stacking !== 'none';
  const values = axis({
    type: 'value',
    min: first?.config.min,
    max: first?.config.max,
    splitNumber: 4,
    ...marks(
      { unit: first?.config.unit, min: first?.config.min, max: first?.config.max },
      highest(numbers, rows, stacked),
    ),
    axisLabel: { formatter: (value) => format(value, first?.config.unit) },
  });
  return {
    ...base(view.utc),
    grid: { left: 8, right: 24, top: 10, bottom: 4, containLabel: true },
    xAxis: lying ? values : categories,
    yAxis: lying ? categories : values,
    tooltip: tooltip((points) => tip([points].flat(), numbers, labels, view), {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
    }),
    series: numbers.map((field, at) => ({
      type: 'bar',
      name: field.title,
      stack: stacked ? 'all' : undefined,
      barMaxWidth: 36,
      cursor: field.config.links?.length ? 'pointer' : 'default',
      emphasis: { disabled: true },
      data: field.values.slice(0, rows).map((value, row) => ({
        value: share(options, numbers, at, row) ?? value,
        itemStyle: { color: barColor(field, value) },
      })),
      label: {
        show: options.showValue === 'always' || (options.showValue !== 'never' && !stacked && numbers.length === 1),
        position: lying ? 'right' : 'top',
        formatter: ({ dataIndex }) => display(field, field.values[dataIndex], view.utc).text,
        color: own('text'),
        fontSize: 11,
      },
      labelLayout: { hideOverlap: true },
    })),
  };
}

function highest(numbers, rows, stacked) {
  const sums = Array.from({ length: rows }, (_, row) => numbers.map((field) => field.values[row] ?? 0)).map((values) =>
    stacked ? values.reduce((a, b) => a + b, 0) : Math.max(...values),
  );
  return Math.max(0, ...sums);
}

function share({ stacking }, numbers, at, row) {
  if (stacking !== 'percent') {
    return undefined;
  }
  const total = numbers.reduce((sum, field) => sum + (field.values[row] ?? 0), 0);
  return (numbers[at].values[row] ?? 0) / (total || 1);
}

function barColor(field, value) {
  return faded(
    shapeColor(display(field, value).color ?? seriesColor(field)),
    Math.max(0.4, (field.config.custom.fillOpacity ?? 80) / 100),
  );
}

function tip(points, numbers, labels, view) {
  const lines = points.map(({ seriesIndex, dataIndex }) => {
    const field = numbers[seriesIndex];
    return {
      color: barColor(field, field.values[dataIndex]),
      name: field.title,
      value: display(field, field.values[dataIndex], view.utc).text,
    };
  });
  return tipNodes(labels[points[0]?.dataIndex] ?? '', lines);
}

function legendOf(numbers) {
  return el(
    'div',
    { class: 'legend list' },
    el(
      'table',
      {},
      el(
        'tbody',
        {},
        numbers.map((field) =>
          el(
            'tr',
            {},
            el(
              'td',
              {},
              el('span', { class: 'dot', style: { 'background-color': seriesColor(field) } }),
              el('span', { text: field.title }),
            ),
          ),
        ),
      ),
    ),
  );
}
