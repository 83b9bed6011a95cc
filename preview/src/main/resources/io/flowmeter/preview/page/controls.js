// The bar at the top: dashboards, variables, time range, refresh.

import { el } from './dom.js';
import { queryParameters } from './links.js';
import { PRESETS, describe, instant, stamp } from './time.js';
import { everything } from './variables.js';

const REFRESH = ['', '5s', '10s', '30s', '1m', '5m', '15m'];

/**
 * The controls.
 *
 * @param move goes to another range, variable or refresh
 * @param reload loads the same again
 */
export function controls(all, view, refresh, move, reload) {
  return [
    el('div', { class: 'bar' }, brand(), navigation(all, view), el('div', { class: 'times' }, rangePicker(view, move), refreshPicker(refresh, move, reload))),
    variables(view, move),
  ];
}

function brand() {
  return el('a', { class: 'brand', href: '/' }, el('img', { src: '/page/icon.svg', alt: '', width: 20, height: 20 }), el('span', { text: 'Flowmeter' }));
}

/** All dashboards. What is looked at goes along: the time range, and variables, of which each page takes those it has. */
function navigation(all, view) {
  const kept = [`from=${encodeURIComponent(view.range.from)}&to=${encodeURIComponent(view.range.to)}`, ...view.variables.map(queryParameters)].filter(Boolean).join('&');
  return el(
    'nav',
    { 'aria-label': 'Dashboards' },
    all.map(({ uid, title, description }) => el('a', { href: `/d/${uid}?${kept}`, title: description, 'aria-current': uid === view.json.uid && 'page', text: label(title) })),
  );
}

function label(title) {
  const own = title.replace(/^Flowmeter:? (?=.)/, '');
  return own.charAt(0).toUpperCase() + own.slice(1);
}

/** A button with what it opens below it. */
function popover(text, label, content, properties = {}) {
  const details = el('details', { class: 'popover', ...properties }, el('summary', { 'aria-label': label, text }), el('div', { class: 'panel-like' }, content));
  details.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      details.open = false;
      details.querySelector('summary').focus();
    }
  });
  details.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) {
      details.open = false;
    }
  });
  return details;
}

document.addEventListener('pointerdown', (event) => {
  document.querySelectorAll('details.popover[open]').forEach((each) => {
    if (!each.contains(event.target)) {
      each.open = false;
    }
  });
});

function rangePicker(view, move) {
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
      el('button', { type: 'button', 'aria-pressed': String(begin === range.from && range.to === 'now'), text: name, on: { click: () => move({ range: { from: begin, to: 'now' } }) } }),
    ),
  );
  const width = resolved.to - resolved.from;
  const shift = (by) => move({ range: { from: String(Math.round(resolved.from + by)), to: String(Math.round(resolved.to + by)) } });
  return el(
    'div',
    { class: 'group', role: 'group', 'aria-label': 'Time range' },
    el('button', { type: 'button', 'aria-label': 'Earlier', text: '‹', on: { click: () => shift(-width / 2) } }),
    popover(describe(range, utc), 'Time range', [form, presets], { id: 'range' }),
    el('button', { type: 'button', 'aria-label': 'Later', text: '›', on: { click: () => shift(width / 2) } }),
    el('button', { type: 'button', 'aria-label': 'A longer range', text: '−', on: { click: () => move({ range: { from: String(Math.round(resolved.from - width / 2)), to: String(Math.round(resolved.to + width / 2)) } }) } }),
  );
}

function typed(text, utc) {
  const trimmed = text.trim();
  const date = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/.exec(trimmed);
  return date ? String(Date.parse(`${date[1]}T${date[2] ?? '00:00'}${utc ? 'Z' : ''}`)) : trimmed;
}

function refreshPicker(refresh, move, reload) {
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

function variables(view, move) {
  const shown = view.variables.filter((variable) => !variable.hide);
  return el(
    'div',
    { class: 'variables', role: 'group', 'aria-label': 'Variables' },
    shown.map((variable) => el('div', { class: 'variable', title: variable.description }, control(variable, move))),
  );
}

function control(variable, move) {
  const id = `var-${variable.name}`;
  const label = el('label', { for: id, text: variable.label });
  if (variable.failure) {
    return [label, el('output', { id, class: 'wrong', text: variable.failure })];
  }
  const choose = (values, all = false) => move({ variable: { name: variable.name, values, all } });
  if (variable.type === 'textbox') {
    return [label, el('input', { id, value: variable.values[0], spellcheck: 'false', on: { change: (event) => choose([event.target.value.trim()]) } })];
  }
  if (variable.custom) {
    return [label, anyOf(variable, id, choose)];
  }
  return variable.multi ? [el('span', { class: 'label', text: variable.label }), severalOf(variable, id, choose)] : [label, oneOf(variable, id, choose)];
}

function oneOf(variable, id, choose) {
  const options = variable.options.some((option) => option.value === variable.values[0]) || variable.all ? variable.options : [{ value: variable.values[0], text: variable.values[0] }, ...variable.options];
  return el(
    'select',
    { id, on: { change: (event) => (event.target.selectedOptions[0].dataset.all ? choose([], true) : choose([event.target.value])) } },
    variable.includeAll ? el('option', { data: { all: 'yes' }, selected: variable.all, text: 'All' }) : undefined,
    options.map((option) => el('option', { value: option.value, selected: !variable.all && option.value === variable.values[0], text: option.text })),
  );
}

/** One of those on offer, or any that is typed in. */
function anyOf(variable, id, choose) {
  const list = el('datalist', { id: `${id}-options` }, variable.options.map((option) => el('option', { value: option.value })));
  return [el('input', { id, list: list.id, value: variable.values[0], spellcheck: 'false', on: { change: (event) => choose([event.target.value.trim()]), focus: (event) => event.target.select() } }), list];
}

function severalOf(variable, id, choose) {
  const boxes = variable.options.map((option) => {
    const box = el('input', { type: 'checkbox', value: option.value, checked: !variable.all && variable.values.includes(option.value) });
    return el('label', { class: 'choice' }, box, el('span', { text: option.text }));
  });
  const all = el('input', { type: 'checkbox', checked: variable.all });
  const box = (label) => label.querySelector('input');
  const filter = el('input', { type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${variable.label}`, on: { input: (event) => boxes.forEach((label) => (label.hidden = !label.textContent.toLowerCase().includes(event.target.value.toLowerCase()))) } });
  const apply = () => {
    const values = boxes.map(box).filter((each) => each.checked).map((each) => each.value);
    choose(values.length === 0 || all.checked ? everything(variable).values : values, values.length === 0 || all.checked);
  };
  all.addEventListener('change', () => boxes.map(box).forEach((each) => (each.checked = false)));
  boxes.forEach((label) => box(label).addEventListener('change', () => (all.checked = false)));
  const text = variable.all ? 'All' : variable.values.join(' + ') || 'None';
  const content = [
    variable.options.length > 8 ? filter : undefined,
    el('div', { class: 'choices', role: 'group', 'aria-label': variable.label }, variable.includeAll ? el('label', { class: 'choice' }, all, el('span', { text: 'All' })) : undefined, boxes),
    el('button', { type: 'button', text: 'Apply', on: { click: apply } }),
  ];
  return popover(text, `${variable.label}: ${text}`, content, { id });
}
