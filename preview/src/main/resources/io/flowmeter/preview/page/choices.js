// What can be chosen of a dashboard's variables.

import { el } from './dom.js';
import { popover } from './popover.js';
import { everything } from './variables.js';

/** A control for each variable that is shown. */
export function choices(view, move) {
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
    return [
      label,
      el('input', {
        id,
        value: variable.values[0],
        spellcheck: 'false',
        on: { change: (event) => choose([event.target.value.trim()]) },
      }),
    ];
  }
  if (variable.custom) {
    return [label, anyOf(variable, id, choose)];
  }
  return variable.multi
    ? [el('span', { class: 'label', text: variable.label }), severalOf(variable, id, choose)]
    : [label, oneOf(variable, id, choose)];
}

function oneOf(variable, id, choose) {
  const options =
    variable.options.some((option) => option.value === variable.values[0]) || variable.all
      ? variable.options
      : [{ value: variable.values[0], text: variable.values[0] }, ...variable.options];
  return el(
    'select',
    {
      id,
      on: {
        change: (event) =>
          event.target.selectedOptions[0].dataset.all ? choose([], true) : choose([event.target.value]),
      },
    },
    variable.includeAll ? el('option', { data: { all: 'yes' }, selected: variable.all, text: 'All' }) : undefined,
    options.map((option) =>
      el('option', {
        value: option.value,
        selected: !variable.all && option.value === variable.values[0],
        text: option.text,
      }),
    ),
  );
}

/** One of those on offer, or any that is typed in. */
function anyOf(variable, id, choose) {
  const list = el(
    'datalist',
    { id: `${id}-options` },
    variable.options.map((option) => el('option', { value: option.value })),
  );
  return [
    el('input', {
      id,
      list: list.id,
      value: variable.values[0],
      spellcheck: 'false',
      on: { change: (event) => choose([event.target.value.trim()]), focus: (event) => event.target.select() },
    }),
    list,
  ];
}

function severalOf(variable, id, choose) {
  const boxes = variable.options.map((option) => {
    const box = el('input', {
      type: 'checkbox',
      value: option.value,
      checked: !variable.all && variable.values.includes(option.value),
    });
    return el('label', { class: 'choice' }, box, el('span', { text: option.text }));
  });
  const all = el('input', { type: 'checkbox', checked: variable.all });
  const box = (label) => label.querySelector('input');
  const filter = el('input', {
    type: 'search',
    placeholder: 'Filter',
    'aria-label': `Filter ${variable.label}`,
    on: {
      input: (event) =>
        boxes.forEach(
          (label) => (label.hidden = !label.textContent.toLowerCase().includes(event.target.value.toLowerCase())),
        ),
    },
  });
  const apply = () => {
    const values = boxes
      .map(box)
      .filter((each) => each.checked)
      .map((each) => each.value);
    choose(
      values.length === 0 || all.checked ? everything(variable).values : values,
      values.length === 0 || all.checked,
    );
  };
  all.addEventListener('change', () => boxes.map(box).forEach((each) => (each.checked = false)));
  boxes.forEach((label) => box(label).addEventListener('change', () => (all.checked = false)));
  const text = variable.all ? 'All' : variable.values.join(' + ') || 'None';
  const content = [
    variable.options.length > 8 ? filter : undefined,
    el(
      'div',
      { class: 'choices', role: 'group', 'aria-label': variable.label },
      variable.includeAll ? el('label', { class: 'choice' }, all, el('span', { text: 'All' })) : undefined,
      boxes,
    ),
    el('button', { type: 'button', text: 'Apply', on: { click: apply } }),
  ];
  return popover(text, `${variable.label}: ${text}`, content, { id });
}
