// Lines and bars over time. Dragging over them zooms in.

import { color as named, faded, own } from '../colors.js';
import { el } from '../dom.js';
import { display, hidden, seriesColor } from '../fields.js';
import { links } from '../links.js';
import { axisLabel, stamp } from '../time.js';
import { format } from '../units.js';
import { axis, base, chartIn, marks as roundMarks, spoken, tipNodes, tooltip } from './chart.js';
import { legendOf } from './legend.js';
import { crosshair, draggable, marked } from './overlay.js';

const MOST_SERIES = 60;
const MOST_IN_TIP = 20;
const STEPS = { stepAfter: 'end', stepBefore: 'start' };

export function draw(context) {
  const { body, panel, view, memory, annotations, resolved, zoom } = context;
  const series = seriesOf(context.frames);
  memory.off ??= new Set();
  const box = el('div', { class: 'chart' });
  const frame = el('div', { class: 'chart-frame' }, box);
  const place = panel.options?.legend?.placement === 'right' ? 'beside' : 'below';
  const legend = legendOf(series, panel, view, memory, () => show());
  body.append(el('div', { class: `with-legend ${place}` }, frame, legend));

  const words = spoken(
    panel.title,
    series.map((each) => each.field),
    view.utc,
  );
  const { chart, undo } = chartIn(box, words, () => marks.place());
  const marks = marked(frame, chart, annotations, resolved, view.utc);
  const show = () => {
    chart.setOption(
      options({ series: series.filter((each) => !memory.off.has(each.field.title)), view, resolved, panel }),
      { notMerge: true },
    );
    marks.place();
  };
  show();
  draggable(frame, chart, zoom);
  const unshare = view.json.graphTooltip ? crosshair(frame, chart) : () => {};
  chart.on('click', ({ seriesId, dataIndex }) => {
    const found = series.find((each) => each.id === seriesId);
    const [target] = found && dataIndex !== undefined ? links(view, found.frame, found.field, dataIndex) : [];
    if (target) {
      window.location.assign(target.href);
    }
  });
  return () => {
    unshare();
    undo();
  };
}

/** One for each number of each frame that has a time. */
function seriesOf(frames) {
  return frames
    .flatMap((frame, of) => {
      const time = frame.fields.find((field) => field.type === 'time');
      const fields = time ? frame.fields.filter((field) => field.type === 'number' && !hidden(field)) : [];
      return fields.map((field, at) => ({
        id: `${of}-${at}`,
        frame,
        field,
        times: time.values,
        color: seriesColor(field),
      }));
    })
    .slice(0, MOST_SERIES);
}

function options({ series, view, resolved, panel }) {
  const span = resolved.to - resolved.from;
  const units = [...new Set(series.map((each) => axisOf(each)))].slice(0, 2);
  return {
    ...base(view.utc),
    grid: { left: 8, right: units.length > 1 ? 8 : 14, top: 12, bottom: 4, containLabel: true },
    xAxis: axis({
      type: 'time',
      min: resolved.from,
      max: resolved.to,
      axisLabel: { formatter: (ms) => axisLabel(ms, span, view.utc) },
    }),
    yAxis: (units.length > 0 ? units : ['']).map((unit, at) =>
      valueAxis(
        series.filter((each) => axisOf(each) === unit),
        at,
      ),
    ),
    tooltip: tooltip((points) => tip(points, series, view), {
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: own('muted') } },
    }),
    series: drawn(series, units, panel),
  };
}

/** What makes two series share an axis. */
function axisOf({ field }) {
  return `${field.config.custom.axisPlacement === 'right' ? 'right' : ''} ${field.config.unit ?? ''}`;
}

function valueAxis(series, at) {
  const configs = series.map((each) => each.field.config);
  const told = (name, choose) => {
    const all = configs.map((config) => config[name]).filter((value) => typeof value === 'number');
    return all.length > 0 ? choose(...all) : undefined;
  };
  const [first] = configs;
  const right = at === 1 || first?.custom.axisPlacement === 'right';
  return axis({
    type: first?.custom.scaleDistribution?.type === 'log' ? 'log' : 'value',
    position: right ? 'right' : 'left',
    min: told('min', Math.min),
    max: told('max', Math.max),
    minInterval:
      (first?.unit ?? 'short') === 'short' &&
      series.every((each) => each.field.values.every((value) => Number.isInteger(value ?? 0)))
        ? 1
        : undefined,
    name: first?.custom.axisLabel || undefined,
    nameLocation: 'middle',
    nameGap: 44,
    nameTextStyle: { color: own('muted'), fontSize: 11 },
    splitNumber: 4,
    ...roundMarks({ unit: first?.unit, min: told('min', Math.min), max: told('max', Math.max) }, highest(series)),
    scale: (first?.custom.axisSoftMin ?? undefined) === undefined && told('min', Math.min) === undefined,
    axisLabel: { formatter: (value) => format(value, first?.unit) },
  });
}

/** The highest value that is drawn, stacks included. */
function highest(series) {
  const sums = new Map();
  let most = 0;
  for (const { field, times } of series) {
    const { mode = 'none', group = 'A' } = field.config.custom.stacking ?? {};
    field.values.forEach((value, row) => {
      const key = `${group} ${times[row]}`;
      const sum = mode === 'none' ? (value ?? 0) : (sums.get(key) ?? 0) + (value ?? 0);
      sums.set(key, mode === 'none' ? (sums.get(key) ?? 0) : sum);
      most = Math.max(most, sum);
    });
  }
  return most;
}

function drawn(series, units, panel) {
  const totals = percentTotals(series);
  return series.map(({ id, field, times, color }, at) => {
    const custom = field.config.custom;
    const stacked = custom.stacking?.mode && custom.stacking.mode !== 'none';
    const value = (row) => {
      const told = field.values[row];
      if (!stacked) {
        return told;
      }
      return custom.stacking.mode === 'percent' ? (told ?? 0) / (totals.get(times[row]) || 1) : (told ?? 0);
    };
    const look = custom.drawStyle === 'bars' ? bars(custom, color) : lines(custom, color, field.values);
    return {
      id,
      name: field.title,
      yAxisIndex: Math.max(0, units.indexOf(axisOf({ field }))),
      data: times.map((time, row) => [time, value(row)]),
      stack: stacked ? `${custom.drawStyle} ${custom.stacking.group ?? 'A'}` : undefined,
      color,
      emphasis: { disabled: true },
      markLine: at === 0 ? limits(field, panel) : undefined,
      ...look,
    };
  });
}

function bars(custom, color) {
  return {
    type: 'bar',
    barMaxWidth: 40,
    barMinWidth: 1,
    barCategoryGap: '10%',
    itemStyle: {
      color: faded(color, Math.max(0.3, (custom.fillOpacity ?? 80) / 100)),
      borderColor: color,
      borderWidth: custom.lineWidth === 0 ? 0 : 0.5,
    },
  };
}

function lines(custom, color, values) {
  const few = values.filter((value) => value !== null).length <= 1;
  return {
    type: 'line',
    showSymbol: custom.drawStyle === 'points' || custom.showPoints === 'always' || few || lonely(values),
    symbolSize: Math.max(3, (custom.pointSize ?? 4) - 1),
    symbol: 'circle',
    connectNulls: custom.spanNulls === true,
    step: STEPS[custom.lineInterpolation],
    smooth: custom.lineInterpolation === 'smooth' ? 0.3 : false,
    triggerLineEvent: true,
    lineStyle: {
      color,
      width: custom.drawStyle === 'points' ? 0 : Math.max(custom.lineWidth ?? 1, 1) + 0.5,
      type: custom.lineStyle?.fill === 'dash' ? 'dashed' : custom.lineStyle?.fill === 'dot' ? 'dotted' : 'solid',
    },
    areaStyle: custom.fillOpacity ? { color: faded(color, custom.fillOpacity / 100) } : undefined,
  };
}

/** Whether some value has no neighbour, so that no line would show it. */
function lonely(values) {
  return (
    values.length < 500 &&
    values.some((value, i) => value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null)
  );
}

function percentTotals(series) {
  const totals = new Map();
  for (const { field, times } of series) {
    if (field.config.custom.stacking?.mode === 'percent') {
      times.forEach((time, row) => totals.set(time, (totals.get(time) ?? 0) + (field.values[row] ?? 0)));
    }
  }
  return totals;
}

/** Thresholds as lines, where the panel wants them. */
function limits(field) {
  const mode = field.config.custom.thresholdsStyle?.mode ?? 'off';
  const steps = (field.config.thresholds?.steps ?? []).filter((step) => typeof step.value === 'number');
  if (mode === 'off' || steps.length === 0) {
    return undefined;
  }
  return {
    silent: true,
    symbol: 'none',
    label: { show: false },
    data: steps.map((step) => ({
      yAxis: step.value,
      lineStyle: { color: named(step.color), type: mode.includes('dash') ? 'dashed' : 'solid' },
    })),
  };
}

function tip(points, series, view) {
  const all = [points].flat();
  const lines = all
    .map(({ seriesId, dataIndex }) => ({ found: series.find((each) => each.id === seriesId), dataIndex }))
    .filter(({ found, dataIndex }) => found && found.field.values[dataIndex] !== null)
    .map(({ found, dataIndex }) => ({
      color: found.color,
      name: found.field.title,
      number: found.field.values[dataIndex],
      value: display(found.field, found.field.values[dataIndex], view.utc).text,
    }));
  lines.sort((a, b) => b.number - a.number);
  return tipNodes(stamp(all[0].value[0], view.utc), lines.slice(0, MOST_IN_TIP));
}
