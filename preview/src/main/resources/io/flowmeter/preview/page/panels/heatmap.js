// How many of which size over time: a column of cells for each point in time, a row for each number of the answer.

import { own, scheme } from '../colors.js';
import { el } from '../dom.js';
import { display, hidden } from '../fields.js';
import { links } from '../links.js';
import { axisLabel, stamp } from '../time.js';
import { axis, base, chartIn, shortened, tipNodes, tooltip } from './chart.js';
import { draggable } from './overlay.js';

export function draw({ body, panel, frames, view, resolved, zoom }) {
  const frame = frames.find((each) => each.rows > 0);
  const time = frame.fields.find((field) => field.type === 'time');
  const buckets = frame.fields.filter((field) => field.type === 'number' && !hidden(field));
  const times = time ? time.values : frame.fields[0].values;
  const cells = buckets.flatMap((bucket, y) =>
    bucket.values.map((value, x) => [x, y, value]).filter(([, , value]) => value),
  );
  const most = cells.reduce((highest, [, , value]) => Math.max(highest, value), 0);
  const box = el('div', { class: 'chart' });
  const chartFrame = el('div', { class: 'chart-frame' }, box);
  const colors = scheme(panel.options?.color?.scheme);
  body.append(el('div', { class: 'with-legend below' }, chartFrame, scale(colors, most, view)));
  const { chart, undo } = chartIn(box, `${panel.title}: ${buckets.map((bucket) => bucket.title).join(', ')}`);
  const label = time
    ? (value) => axisLabel(Number(value), resolved.to - resolved.from, view.utc)
    : (value) => shortened(String(value));
  chart.setOption({
    ...base(view.utc),
    grid: { left: 8, right: 12, top: 8, bottom: 4, containLabel: true },
    xAxis: axis({ type: 'category', data: times, axisLabel: { formatter: label } }),
    yAxis: axis({
      type: 'category',
      data: buckets.map((bucket) => bucket.title),
      axisLabel: { formatter: (text) => shortened(text, 20) },
    }),
    visualMap: { show: false, min: 0, max: most || 1, inRange: { color: colors } },
    tooltip: tooltip(
      ({ value: [x, y, amount], color }) =>
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

/** Which colour is how many. */
function scale(colors, most, view) {
  const text = (value) => el('span', { text: display({ type: 'number', config: {} }, value, view.utc).text });
  return el(
    'div',
    { class: 'scale', 'aria-hidden': 'true' },
    text(0),
    el('span', { class: 'colors', style: { 'background-image': `linear-gradient(90deg, ${colors.join(', ')})` } }),
    text(most),
  );
}

/** Of what is counted in a cell, which is not what the rows are called by. */
function cellUnit(panel) {
  return panel.options?.cellValues?.unit ?? 'short';
}
