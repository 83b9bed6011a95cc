// Big numbers: one of each field, or one of each row.

import { faded, readableOn, textColor } from '../colors.js';
import { el, svg } from '../dom.js';
import { display, hidden, seriesColor } from '../fields.js';
import { reduced } from '../frame.js';
import { links } from '../links.js';

const MOST = 40;

export function draw({ body, panel, frames, view }) {
  const options = panel.options ?? {};
  const values = told(frames, options.reduceOptions ?? {}).slice(0, MOST);
  const named =
    options.textMode === 'value_and_name' ||
    options.textMode === 'name' ||
    (values.length > 1 && options.textMode !== 'value');
  const tiles = values.map((each) => tile(each, { options, named, view }));
  body.append(
    el(
      'div',
      { class: `tiles${options.orientation === 'horizontal' ? ' stacked' : ''}${tiles.length > 5 ? ' many' : ''}` },
      tiles,
    ),
  );
}

/** The values to show, each with its field, frame, row and name. */
function told(frames, { values, calcs = ['lastNotNull'], fields: wanted = '' }) {
  return frames.flatMap((frame) => {
    const fields = frame.fields.filter((field) => !hidden(field) && isWanted(field, wanted));
    if (!values) {
      return fields.map((field) => {
        const value =
          field.type === 'number'
            ? reduced(field.values, calcs[0])
            : (field.values.findLast((each) => each !== null) ?? null);
        return { frame, field, value, row: Math.max(0, field.values.lastIndexOf(value)), name: field.title };
      });
    }
    const texts = frame.fields.filter((field) => field.type === 'string' && !fields.includes(field));
    return Array.from({ length: frame.rows }, (_, row) =>
      fields.map((field) => {
        const label = texts.map((text) => text.values[row]).join(' ');
        return {
          frame,
          field,
          row,
          value: field.values[row],
          name: fields.length > 1 || !label ? `${label} ${field.title}`.trim() : label,
        };
      }),
    ).flat();
  });
}

function isWanted(field, wanted) {
  if (!wanted) {
    return field.type === 'number';
  }
  const pattern = /^\/(.*)\/$/.exec(wanted);
  return pattern ? new RegExp(pattern[1]).test(field.title) : field.title === wanted || field.name === wanted;
}

function tile({ frame, field, row, value, name }, { options, named, view }) {
  const shown = display(field, value, view.utc);
  const mode = field.config.color?.mode;
  const color = shown.color ?? (mode && mode !== 'thresholds' ? seriesColor(field) : undefined);
  const filledIn = options.colorMode === 'background' && color;
  const [target] = links(view, frame, field, row);
  const content = [
    named ? el('span', { class: 'name', title: name, text: name }) : undefined,
    el('span', {
      class: `value${shown.text.length > 12 ? ' long' : ''}${shown.missing ? ' missing' : ''}`,
      text: shown.text,
      style: !filledIn && options.colorMode !== 'none' && color && !plain(field) ? { color: textColor(color) } : {},
    }),
  ];
  const properties = {
    class: 'tile',
    style: filledIn ? { 'background-color': color, color: readableOn(color) } : {},
  };
  const spark =
    options.graphMode === 'area' && frame.fields.some((each) => each.type === 'time')
      ? sparkline(field, filledIn ? readableOn(color) : color)
      : undefined;
  return target
    ? el('a', { ...properties, href: target.href, title: target.title || undefined }, content, spark)
    : el('div', properties, content, spark);
}

/** A field whose only colour is its place in the palette says nothing by it. */
function plain(field) {
  return (field.config.color?.mode ?? '').startsWith('palette') && !field.config.mappings?.length;
}

function sparkline(field, color = 'currentColor') {
  const values = field.values.map((each) => each ?? 0);
  if (values.length < 2) {
    return undefined;
  }
  const [least, most] = [Math.min(0, reduced(values, 'min')), reduced(values, 'max')];
  const points = values
    .map((value, i) => `${(i / (values.length - 1)) * 100},${30 - ((value - least) / (most - least || 1)) * 28}`)
    .join(' ');
  return svg(
    'svg',
    { class: 'spark', viewBox: '0 0 100 30', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('polygon', { points: `0,30 ${points} 100,30`, fill: color === 'currentColor' ? color : faded(color, 0.2) }),
    svg('polyline', { points, fill: 'none', stroke: color, 'stroke-width': 1, 'vector-effect': 'non-scaling-stroke' }),
  );
}
