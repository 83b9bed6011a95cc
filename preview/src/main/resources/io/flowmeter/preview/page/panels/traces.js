// A waterfall: a bar for each span, below the span it belongs to.

import { classic, shapeColor } from '../colors.js';
import { el } from '../dom.js';
import { hover } from '../hovercard.js';
import { stamp } from '../time.js';
import { format } from '../units.js';

const MOST_SPANS = 2_000;
const INDENT_PX = 14;

/** OpenTelemetry's status code of an error. */
const FAILED = 2;

export function draw({ body, panel, frames, view }) {
  const spans = frames.flatMap((frame) => spansOf(frame)).slice(0, MOST_SPANS);
  const begin = spans.reduce((least, span) => Math.min(least, span.start), Infinity);
  const end = spans.reduce((most, span) => Math.max(most, span.start + span.duration), begin + 1);
  const services = [...new Set(spans.map((span) => span.service))];
  const color = (service) => shapeColor(classic(services.indexOf(service)));
  const rows = nested(spans).map(({ span, depth }) =>
    row({ span, depth, begin, end, color: color(span.service), view }),
  );
  body.append(
    el(
      'div',
      { class: 'scroll waterfall', tabindex: 0, role: 'list', 'aria-label': panel.title },
      el(
        'div',
        { class: 'services' },
        services.map((service) =>
          el(
            'span',
            {},
            el('span', { class: 'dot', style: { 'background-color': color(service) } }),
            el('span', { text: service }),
          ),
        ),
      ),
      ruler(end - begin),
      rows,
    ),
  );
}

function spansOf(frame) {
  const column = (name) => frame.fields.find((field) => field.name.toLowerCase() === name.toLowerCase())?.values ?? [];
  const [ids, parents, operations, services] = [
    column('spanID'),
    column('parentSpanID'),
    column('operationName'),
    column('serviceName'),
  ];
  const [starts, durations, tags, serviceTags] = [
    column('startTime'),
    column('duration'),
    column('tags'),
    column('serviceTags'),
  ];
  const codes = column('statusCode');
  return Array.from({ length: frame.rows }, (_, row) => ({
    id: String(ids[row] ?? row),
    parent: String(parents[row] ?? ''),
    operation: operations[row] ?? '',
    service: services[row] ?? '',
    start: Number(starts[row] ?? 0),
    duration: Number(durations[row] ?? 0),
    failed: Number(codes[row]) === FAILED,
    tags: [...pairs(tags[row]), ...pairs(serviceTags[row])],
  }));
}

/** Tags as pairs of texts, from a list of { key, value }, of pairs, or from a map. */
function pairs(tags) {
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  if (Array.isArray(tags)) {
    return tags.map((tag) =>
      Array.isArray(tag) ? [text(tag[0]), text(tag[1])] : [text(tag.key ?? ''), text(tag.value ?? '')],
    );
  }
  return tags && typeof tags === 'object' ? Object.entries(tags).map(([key, value]) => [key, text(value)]) : [];
}

/** Each span below its parent, siblings by their begin; those whose parent is not there stand outermost. */
function nested(spans) {
  const known = new Set(spans.map((span) => span.id));
  const children = new Map();
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const parent = known.has(span.parent) && span.parent !== span.id ? span.parent : '';
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const seen = new Set();
  const below = (id, depth) =>
    (children.get(id) ?? []).flatMap((span) => {
      if (seen.has(span)) {
        return [];
      }
      seen.add(span);
      return [{ span, depth }, ...below(span.id, depth + 1)];
    });
  return below('', 0);
}

function ruler(width) {
  const shares = [0, 0.25, 0.5, 0.75, 1];
  return el(
    'div',
    { class: 'span ruler', 'aria-hidden': 'true' },
    el('span', { class: 'operation' }),
    el(
      'span',
      { class: 'track' },
      shares.map((share) =>
        el('span', {
          class: `tick${share === 1 ? ' last' : ''}`,
          style: { left: `${share * 100}%` },
          text: format(width * share, 'ms'),
        }),
      ),
    ),
  );
}

function row({ span, depth, begin, end, color, view }) {
  const share = (ms) => ((ms - begin) / (end - begin || 1)) * 100;
  const length = format(span.duration, 'ms');
  const { failed } = span;
  const left = share(span.start);
  const line = el(
    'div',
    {
      class: `span${failed ? ' failed' : ''}`,
      role: 'listitem',
      tabindex: 0,
      data: { depth: String(depth) },
      'aria-label': `${span.operation}, ${span.service}, ${length}`,
    },
    el(
      'span',
      {
        class: 'operation',
        title: span.operation,
        style: { 'padding-left': `${depth * INDENT_PX + 4}px`, '--service': color },
      },
      failed ? el('span', { class: 'bad', text: '! ' }) : undefined,
      el('span', { text: span.operation }),
    ),
    el(
      'span',
      { class: 'track' },
      el('span', {
        class: 'bar-of',
        style: {
          left: `${left}%`,
          width: `${Math.max(share(span.start + span.duration) - left, 0.15)}%`,
          'background-color': color,
        },
      }),
      el('span', {
        class: `length${left > 60 ? ' before' : ''}`,
        style: left > 60 ? { right: `${100 - left}%` } : { left: `${share(span.start + span.duration)}%` },
        text: length,
      }),
    ),
  );
  return hover(line, () => about(span, length, view));
}

function about(span, length, view) {
  return [
    el('b', { text: span.operation }),
    el('div', { text: `${span.service} · ${stamp(span.start, view.utc)} · ${length}` }),
    el(
      'dl',
      {},
      span.tags.flatMap(([key, value]) => [el('dt', { text: key }), el('dd', { text: value })]),
    ),
  ];
}
