// What is selected of a dashboard's variables: what the address says, else the dashboard, else what there is.

import * as api from './api.js';
import { read } from './frame.js';

const ALL = '$__all';

/** Fills `view.variables`, each after those it can depend on. */
export async function chooseAll(view, told) {
  const variables = [];
  for (const json of view.json.templating?.list ?? []) {
    variables.push(await choose(view, variables, json, told(json.name)));
  }
  view.variables = variables;
}

async function choose(view, before, json, told) {
  const variable = {
    name: json.name,
    type: json.type,
    label: json.label || json.name,
    description: json.description,
    hide: json.type === 'datasource' || json.type === 'constant' || json.hide === 2,
    multi: Boolean(json.multi),
    includeAll: Boolean(json.includeAll),
    custom: json.type === 'query' && json.allowCustomValue === true && !json.multi && !json.includeAll,
    options: [],
    all: false,
    values: [],
  };
  switch (json.type) {
    case 'query':
      return selected({ ...variable, ...(await optionsOf(view, before, json)) }, json, told);
    case 'custom':
      return selected({ ...variable, options: customOptions(json.query) }, json, told);
    case 'textbox':
      return { ...variable, values: [told[0] ?? json.current?.value ?? json.query ?? ''] };
    case 'constant':
      return { ...variable, values: [json.query ?? ''] };
    default:
      return variable;
  }
}

async function optionsOf(view, before, json) {
  try {
    const frame = read(await api.variable(question({ ...view, variables: before }, { variable: json.name })));
    const column = frame.fields.find((field) => field.name === '__value' || field.name === 'value') ?? frame.fields[0];
    const texts = frame.fields.find((field) => field.name === '__text' || field.name === 'text') ?? column;
    const options = column.values.map((value, row) => ({
      value: String(value ?? ''),
      text: String(texts.values[row] ?? ''),
    }));
    return { options: [...new Map(options.map((option) => [option.value, option])).values()] };
  } catch (e) {
    return { failure: e.message };
  }
}

function customOptions(query = '') {
  return query.split(/(?<!\\),/).map((part) => {
    const [, text, value] = /^(.*?) : (.*)$/.exec(part.trim()) ?? [undefined, part.trim(), part.trim()];
    return { text, value };
  });
}

function selected(variable, json, told) {
  const current = [json.current?.value ?? []].flat().map(String);
  const wanted = told.length > 0 ? told : current;
  if (variable.includeAll && (wanted.includes(ALL) || wanted.length === 0)) {
    return everything(variable);
  }
  const known = (value) => variable.options.some((option) => option.value === value);
  const values = wanted.filter(
    (value) => known(value) || (told.length > 0 && json.allowCustomValue === true && value !== ALL),
  );
  if (values.length > 0) {
    return { ...variable, values: variable.multi ? values : values.slice(0, 1) };
  }
  return variable.includeAll ? everything(variable) : { ...variable, values: [variable.options[0]?.value ?? ''] };
}

/** All that a variable offers. */
export function everything(variable) {
  return { ...variable, all: true, values: variable.options.map((option) => option.value) };
}

/** What the server is asked, over what is in view. */
export function question(view, of) {
  return {
    dashboard: view.json.uid,
    interval: 60_000,
    ...view.resolved,
    ...of,
    variables: Object.fromEntries(
      view.variables
        .filter((each) => each.type !== 'datasource' && each.type !== 'constant')
        .map(({ name, all, values }) => [name, { all, values }]),
    ),
  };
}
