// How a panel wants its fields shown: defaults and overrides, names, mappings, thresholds, colours, units.

import { classic, color, continuous, own, shapeColor } from './colors.js';
import { format } from './units.js';
import { reduced } from './frame.js';

/** The frames with each field's `config`, `title` (what it is called) and `index` (among the numbers of all). */
export function configured(frames, panel) {
  const config = panel.fieldConfig ?? {};
  let index = 0;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const merged = structuredClone(config.defaults ?? {});
      merged.custom ??= {};
      const usual = title(field, merged);
      for (const override of config.overrides ?? []) {
        if (matches(override.matcher, field, usual, frame)) {
          (override.properties ?? []).forEach((property) => put(merged, property));
        }
      }
      const shown = { ...field, config: merged, title: title(field, merged) };
      return field.type === 'number' ? { ...shown, index: index++ } : shown;
    }),
  }));
}

function matches(matcher, field, shown, frame) {
  const { id, options } = matcher ?? {};
  switch (id) {
    case 'byName':
      return field.name === options || shown === options;
    case 'byNames':
      return (options?.names ?? []).some((name) => name === field.name || name === shown);
    case 'byRegexp': {
      const [, source, flags] = /^\/(.*)\/([a-z]*)$/.exec(options) ?? [undefined, options, ''];
      const pattern = new RegExp(source, flags);
      return pattern.test(field.name) || pattern.test(shown);
    }
    case 'byType':
      return field.type === options;
    case 'byFrameRefID':
      return frame.refId === options;
    default:
      return false;
  }
}

function put(config, property) {
  const [first, ...rest] = property.id.split('.');
  if (rest.length === 0) {
    config[first] = property.value;
  } else {
    config[first] = { ...config[first], [rest.join('.')]: property.value };
  }
}

function title(field, config) {
  if (config.displayName) {
    const labels = field.labels ?? {};
    return config.displayName
      .replace(/\$\{__field\.labels\.([^}]+)\}/g, (_, name) => labels[name] ?? '')
      .replace(/\$\{__field\.labels\}/g, Object.values(labels).join(' '))
      .replace(/\$\{__(?:field|series)\.name\}/g, field.name);
  }
  const labels = Object.entries(field.labels ?? {});
  if (labels.length === 0) {
    return field.name;
  }
  return labels.length === 1
    ? `${field.name} ${labels[0][1]}`
    : `${field.name} ${labels.map((each) => each.join('=')).join(', ')}`;
}

/**
 * A value as it is shown: `text`, and `color` where something says which.
 *
 * @param utc whether points in time are told in UTC
 */
export function display(field, value, utc = true) {
  const mapped = mapping(field.config.mappings ?? [], value);
  const colored = mapped?.color ? color(mapped.color) : valueColor(field, value);
  if (mapped?.text) {
    return { text: mapped.text, color: colored, mapped: true };
  }
  if (value === null || value === undefined || value === '' || Number.isNaN(value)) {
    return { text: field.config.noValue ?? '', color: undefined, missing: true };
  }
  return { text: text(field, value, utc), color: colored, mapped: Boolean(mapped) };
}

function text(field, value, utc) {
  const { unit, decimals } = field.config;
  if (field.type === 'time') {
    return format(value, /^dateTime/.test(unit ?? '') ? unit : 'dateTimeAsIso', decimals, utc);
  }
  if (field.type === 'number') {
    return format(value, unit, decimals, utc);
  }
  return field.type === 'other' ? JSON.stringify(value) : value;
}

function mapping(mappings, value) {
  for (const each of mappings) {
    const found = mappingOf(each, value);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function mappingOf({ type, options }, value) {
  switch (type) {
    case 'value':
      return Object.hasOwn(options, String(value)) ? options[String(value)] : undefined;
    case 'range':
      return typeof value === 'number' && value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity)
        ? options.result
        : undefined;
    case 'regex': {
      const [, source, flags] = /^\/(.*)\/([a-z]*)$/.exec(options.pattern) ?? [undefined, options.pattern, ''];
      return typeof value === 'string' && new RegExp(source, flags).test(value) ? options.result : undefined;
    }
    case 'special':
      return special(options.match, value) ? options.result : undefined;
    default:
      return undefined;
  }
}

function special(match, value) {
  const isNull = value === null || value === undefined;
  const isNaN = Number.isNaN(value);
  return (
    {
      null: isNull,
      nan: isNaN,
      'null+nan': isNull || isNaN,
      empty: value === '',
      true: value === 'true',
      false: value === 'false',
    }[match] ?? false
  );
}

/** The colour that a value has by thresholds or a continuous scale, or that its field has. */
function valueColor(field, value) {
  const mode = field.config.color?.mode ?? 'thresholds';
  if (mode === 'fixed') {
    return color(field.config.color.fixedColor ?? 'text');
  }
  if (typeof value !== 'number' || field.type !== 'number') {
    return undefined;
  }
  if (mode.startsWith('continuous-')) {
    const [least, most] = bounds(field);
    return continuous(mode, most > least ? (value - least) / (most - least) : 0);
  }
  return mode === 'thresholds' ? color(threshold(field, value)) : undefined;
}

function bounds(field) {
  return [field.config.min ?? reduced(field.values, 'min') ?? 0, field.config.max ?? reduced(field.values, 'max') ?? 1];
}

/** The name of the colour of the highest threshold that a value reaches. */
export function threshold(field, value) {
  const { steps = [], mode } = field.config.thresholds ?? {};
  const [least, most] = mode === 'percentage' ? bounds(field) : [0, 100];
  const share = mode === 'percentage' ? ((value - least) / (most - least || 1)) * 100 : value;
  return (
    steps.filter((step) => step.value === null || step.value === undefined || share >= step.value).at(-1)?.color ??
    'text'
  );
}

/** The colour of a series as a whole. */
export function seriesColor(field) {
  return shapeColor(chosenColor(field));
}

function chosenColor(field) {
  const { mode = 'palette-classic', fixedColor } = field.config.color ?? {};
  if (mode === 'fixed' || mode === 'shades') {
    return color(fixedColor ?? 'text');
  }
  if (mode === 'thresholds' || mode.startsWith('continuous-')) {
    return valueColor(field, reduced(field.values, 'lastNotNull')) ?? own('text');
  }
  return classic(field.index ?? 0);
}

/** Fields that a panel does not show. */
export function hidden(field) {
  return Boolean(field.config.custom.hidden || field.config.custom.hideFrom?.viz);
}
