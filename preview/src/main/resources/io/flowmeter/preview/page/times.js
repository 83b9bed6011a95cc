// Which time is looked at, and how often anew.

import { el } from './dom.js';
import { popover } from './popover.js';
import { PRESETS, describe, instant, stamp } from './time.js';

const REFRESH = ['', '5s', '10s', '30s', '1m', '5m', '15m'];

/** Presets, any other range, and steps to earlier, later and longer ones. */
export function rangePicker(view, move) {
  const { utc, range, resolved } = view;
  const absolute = (text) => (/^now/.test(text) ? text : stamp(instant(text, Date.now()), utc));
  const from = el('input', { id: 'range-from', value: absolute(range.from), spellcheck: 'false' });
  const to = el('input', { id: 'range-to', value: absolute(range.to), spellcheck: 'false' });
  const wrong = el('p', { class: 'wrong', role: 'alert' });
  const apply = (event) => {
    event.preventDefault();
    const [begin, end] = [typed(from.value, utc), typed(to.value, utc)];
    if (instant(begin, Date.now()) < instant(end, Date.now(), true)) {
      move({ range: { from: begin, to: end } });
    } else {
      wrong.textContent = 'Expected from before to, each such as now-6h or 2026-11-27 10:00:00.';
    }
  };
  const form = el(
    'form',
    { class: 'absolute', on: { submit: apply } },
    el('label', { for: 'range-from', text: 'From' }),
    from,
    el('label', { for: 'range-to', text: 'To' }),
    to,
    wrong,
    el('button', { type: 'submit', text: 'Apply' }),
    el('p', { class: 'hint', text: `Times are ${utc ? 'UTC' : 'this browser’s'}.` }),
  );
  const presets = el(
    'div',
    { class: 'presets' },
    PRESETS.map(([begin, name]) =>
      el('button', {
        type: 'button',
        'aria-pressed': String(begin === range.from && range.to === 'now'),
        text: name,
        on: { click: () => move({ range: { from: begin, to: 'now' } }) },
      }),
    ),
  );
  const described = describe(range, utc);
  const width = resolved.to - resolved.from;
  const shift = (by) =>
    move({ range: { from: String(Math.round(resolved.from + by)), to: String(Math.round(resolved.to + by)) } });
  return el(
    'div',
    { class: 'group', role: 'group', 'aria-label': 'Time range' },
    el('button', { type: 'button', 'aria-label': 'Earlier', text: '‹', on: { click: () => shift(-width / 2) } }),
    popover(described, `Time range: ${described}`, [form, presets], { id: 'range' }),
    el('button', { type: 'button', 'aria-label': 'Later', text: '›', on: { click: () => shift(width / 2) } }),
    el('button', {
      type: 'button',
      'aria-label': 'A longer range',
      text: '−',
      on: {
        click: () =>
          move({
            range: {
              from: String(Math.round(resolved.from - width / 2)),
              to: String(Math.round(resolved.to + width / 2)),
            },
          }),
      },
    }),
  );
}

function typed(text, utc) {
  const trimmed = text.trim();
  const date = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/.exec(trimmed);
  return date ? String(Date.parse(`${date[1]}T${date[2] ?? '00:00'}${utc ? 'Z' : ''}`)) : trimmed;
}

/** How often to load again. */
export function refreshPicker(refresh, move, reload) {
  const choices = REFRESH.includes(refresh) ? REFRESH : [...REFRESH, refresh];
  return el(
    'div',
    { class: 'group', role: 'group', 'aria-label': 'Refresh' },
    el('button', { type: 'button', 'aria-label': 'Refresh now', text: '⟳', on: { click: reload } }),
    el(
      'select',
      { 'aria-label': 'Refresh every', on: { change: (event) => move({ refresh: event.target.value }) } },
      choices.map((each) => el('option', { value: each, selected: each === refresh, text: each || 'Off' })),
    ),
  );
}
