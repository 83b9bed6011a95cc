// Numbers over time: a column of cells for each point in time, a row for each number of the answer. Grafana's panels heatmap
// and status-history.

import { continuous, own, scheme } from '../colors.js';
import { el } from '../dom.js';
import { display, hidden } from '../fields.js';
import { links } from '../links.js';
import { axisLabel, stamp } from '../time.js';
import { axis, base, chartIn, shortened, spoken, tipNodes, tooltip } from './chart.js';
import { draggable } from './overlay.js';

export function draw({ body, panel, frames, view, resolved, zoom }) {
  const frame = frames.find((each) => each.rows > 0);
  const time = frame.fields.find((field) => field.type === 'time');
  const buckets = frame.fields.filter((field) => field.type === 'number' && !hidden(field));
  const times = time ? time.values : frame.fields[0].values;
  const history = panel.type === 'status-history';
  const cells = buckets.flatMap((bucket, y) =>
    bucket.values
      .map((value, x) => [x, y, value])
      .filter(([, , value]) => (history ? value !== null : value))
      .map((cell) => [...cell.slice(0, 2), bucket.config.fieldMinMax ? share(cell[2], bucket) : cell[2], cell[2]]),
  );
  const most = cells.reduce((highest, [, , value]) => Math.max(highest, value), 0);
  const box = el('div', { class: 'chart' });
  const chartFrame = el('div', { class: 'chart-frame' }, box);
  const colors = history ? shades(panel.fieldConfig.defaults.color.mode) : scheme(panel.options?.color?.scheme);
  const ends = panel.fieldConfig?.defaults?.fieldMinMax
    ? ['0', "each row's highest"]
    : [0, most].map((value) => display({ type: 'number', config: {} }, value, view.utc).text);
  body.append(el('div', { class: 'with-legend below' }, chartFrame, scale(colors, ends)));
  const { chart, undo } = chartIn(box, spoken(panel.title, buckets, view.utc));
  const label = time
    ? (value) => axisLabel(Number(value), resolved.to - resolved.from, view.utc)
    : (value) => shortened(String(value));
  chart.setOption({
    ...base(view.utc),
    grid: { left: 8, right: 12, top: 8, bottom: 4, containLabel: true },
    xAxis: axis({ type: 'category', data: times, axisLabel: { formatter: label } }),
    yAxis: axis({
      type: 'category',
      inverse: history,
      data: buckets.map((bucket) => bucket.title),
      axisLabel: { formatter: (text) => shortened(text, 20) },
    }),
    visualMap: { show: false, min: 0, max: most || 1, dimension: 2, inRange: { color: colors } },
    tooltip: tooltip(
      ({ value: [x, y, , amount], color }) =>
        tipNodes(time ? stamp(times[x], view.utc) : String(times[x]), [
          {
            color,
            name: buckets[y].title,
            value: display({ ...buckets[y], config: { ...buckets[y].config, unit: cellUnit(panel) } }, amount, view.utc)
              .text,
          },
        ]),
      { trigger: 'item' },
    ),
    series: [
      {
        type: 'heatmap',
        data: cells,
        progressive: 0,
        emphasis: { disabled: true },
        itemStyle: { borderColor: own('panel'), borderWidth: box.clientWidth / times.length > 8 ? 1 : 0 },
      },
    ],
  });
  if (time) {
    const timeAt = (x) =>
      times[Math.max(0, Math.min(times.length - 1, Math.round(chart.convertFromPixel({ xAxisIndex: 0 }, x))))];
    const width = times.length > 1 ? times[1] - times[0] : 60_000;
    draggable(
      chartFrame,
      { containPixel: (...at) => chart.containPixel(...at), convertFromPixel: (_, x) => timeAt(x) },
      (from, to) => zoom(from, to + width),
    );
  }
  chart.on('click', ({ value: [x, y] }) => {
    const [target] = links(view, frame, buckets[y], x);
    if (target) {
      window.location.assign(target.href);
    }
  });
  return undo;
}

/** A value as a share of the highest of its row. */
function share(value, bucket) {
  return value / (Math.max(...bucket.values) || 1);
}

/** Of a continuous colour mode, faint to strong: the lowest value is to be seen beside none. */
function shades(mode) {
  return [0.15, 0.4, 0.6, 0.8, 1].map((strength) => continuous(mode, strength));
}

/** Which colour is how many. */
function scale(colors, [low, high]) {
  return el(
    'div',
    { class: 'scale', 'aria-hidden': 'true' },
    el('span', { text: low }),
    el('span', { class: 'colors', style: { 'background-image': `linear-gradient(90deg, ${colors.join(', ')})` } }),
    el('span', { text: high }),
  );
}

/** Of what is counted in a cell, which is not what the rows are called by. */
function cellUnit(panel) {
  return panel.type === 'status-history' ? panel.fieldConfig?.defaults?.unit : (panel.options?.cellValues?.unit ?? 'short');
}
