// Rows and columns; a click on a heading sorts.

import { readableOn, textColor } from '../colors.js';
import { el } from '../dom.js';
import { display, hidden } from '../fields.js';
import { links } from '../links.js';

const MOST_ROWS = 1_000;

export function draw({ body, panel, frames, view, memory }) {
  const frame = frames.find((each) => each.rows > 0);
  const fields = frame.fields.filter((field) => !hidden(field));
  memory.sort ??= sortOf(panel);
  const again = (name) => {
    const down = memory.sort?.name === name ? !memory.sort.down : true;
    memory.sort = { name, down };
    const at = [...body.querySelectorAll('th button')].indexOf(document.activeElement);
    body.replaceChildren(table());
    body.querySelectorAll('th button')[at]?.focus();
  };
  const table = () => tableOf({ frame, fields, view, memory, again });
  body.append(table());
}

function sortOf(panel) {
  const [first] = panel.options?.sortBy ?? [];
  return first ? { name: first.displayName, down: Boolean(first.desc) } : undefined;
}

function tableOf({ frame, fields, view, memory, again }) {
  const order = ordered(frame, fields, memory.sort);
  const shown = order.slice(0, MOST_ROWS);
  const left = order.length - shown.length + (frame.more ? 1 : 0);
  return el(
    'div',
    { class: 'scroll', tabindex: 0 },
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          fields.map((field) => heading(field, memory.sort, again)),
        ),
      ),
      el(
        'tbody',
        {},
        shown.map((row) =>
          el(
            'tr',
            {},
            fields.map((field) => cell(frame, field, row, view)),
          ),
        ),
      ),
    ),
    left > 0 ? el('p', { class: 'hint', text: `The first ${shown.length} rows; there are more.` }) : undefined,
  );
}

function ordered(frame, fields, sort) {
  const rows = Array.from({ length: frame.rows }, (_, row) => row);
  const field = fields.find((each) => each.title === sort?.name || each.name === sort?.name);
  if (!field) {
    return rows;
  }
  const compare = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : (a < b ? -1 : 1) * (sort.down ? -1 : 1));
  return rows.sort((a, b) => compare(field.values[a], field.values[b]));
}

function heading(field, sort, again) {
  const sorted = sort?.name === field.title;
  return el(
    'th',
    {
      scope: 'col',
      class: side(field),
      'aria-sort': sorted ? (sort.down ? 'descending' : 'ascending') : undefined,
      style: width(field),
    },
    el('button', {
      type: 'button',
      text: field.title + (sorted ? (sort.down ? ' ↓' : ' ↑') : ''),
      on: { click: () => again(field.title) },
    }),
  );
}

function side(field) {
  const align = field.config.custom.align;
  return align && align !== 'auto' ? align : field.type === 'number' ? 'right' : 'left';
}

function width(field) {
  const px = field.config.custom.width;
  return px
    ? { width: `${px}px`, 'min-width': `${px}px` }
    : field.config.custom.minWidth
      ? { 'min-width': `${field.config.custom.minWidth}px` }
      : {};
}

function cell(frame, field, row, view) {
  const shown = display(field, field.values[row], view.utc);
  const look = field.config.custom.cellOptions?.type ?? 'auto';
  const style =
    shown.color && look === 'color-background'
      ? { 'background-color': shown.color, color: readableOn(shown.color) }
      : shown.color && look === 'color-text'
        ? { color: textColor(shown.color) }
        : {};
  const [target] = links(view, frame, field, row);
  const content =
    target && !shown.missing
      ? el('a', { href: target.href, title: target.title || undefined, text: shown.text || '–' })
      : el('span', { text: shown.text });
  return el(
    'td',
    { class: side(field), style, title: shown.text.length > 24 ? shown.text : undefined },
    look === 'gauge' && typeof field.values[row] === 'number' ? gauge(field, row, shown) : content,
  );
}

function gauge(field, row, shown) {
  const most = field.config.max ?? field.values.reduce((a, b) => Math.max(a, b ?? 0), 0);
  const share = most > 0 ? Math.max(0, Math.min(1, field.values[row] / most)) : 0;
  return el(
    'span',
    { class: 'gauge' },
    el('span', {
      class: 'fill',
      style: { width: `${share * 100}%`, 'background-color': shown.color ?? 'var(--accent)' },
    }),
    el('span', { class: 'amount', text: shown.text }),
  );
}
