// Data links: from a value to another dashboard of ours, and nowhere else.

import { display } from './fields.js';

/**
 * The links of a value.
 *
 * @param view what is looked at: its variables, its range as texts and in milliseconds
 * @param frame where the value is, at which row
 * @returns list of { title, href, blank }
 */
export function links(view, frame, field, row) {
  return (field.config.links ?? []).flatMap((link) => {
    const href = ownPath(filled(link.url ?? '', { view, frame, field, row, encode: encodeURIComponent }));
    return href
      ? [
          {
            title: filled(link.title ?? '', { view, frame, field, row, encode: String }),
            href,
            blank: Boolean(link.targetBlank),
          },
        ]
      : [];
  });
}

/** A path of a dashboard here; undefined for addresses of any other kind. */
export function ownPath(text) {
  let url;
  try {
    url = new URL(text, window.location.origin);
  } catch {
    return undefined;
  }
  return url.origin === window.location.origin && /^\/d\/[\w-]+(\/[\w-]*)?$/.test(url.pathname)
    ? url.pathname + url.search
    : undefined;
}

/** A text with its variables filled in, those of the dashboard and those of the value. */
export function filled(text, at) {
  return text.replace(/\$\{([^}:]+)(?::(\w+))?\}|\$(\w+)/g, (whole, braced, format, plain) => {
    const name = braced ?? plain;
    return special(name, at) ?? ofValue(name, format, at) ?? ofVariable(name, format, at) ?? whole;
  });
}

function special(name, { view }) {
  switch (name) {
    case '__url_time_range':
      return `from=${encodeURIComponent(view.range.from)}&to=${encodeURIComponent(view.range.to)}`;
    case '__all_variables':
      return view.variables
        .map((variable) => queryParameters(variable))
        .filter(Boolean)
        .join('&');
    case '__from':
      return String(view.resolved.from);
    case '__to':
      return String(view.resolved.to);
    default:
      return undefined;
  }
}

function ofValue(name, format, { frame, field, row, encode }) {
  if (!frame || !field) {
    return undefined;
  }
  const raw = rawOfValue(name, frame, field, row);
  return raw === undefined ? undefined : encoded(raw, format, encode);
}

function rawOfValue(name, frame, field, row) {
  const of = /^__data\.fields(?:\.(.+)|\["?(.+?)"?\])$/.exec(name);
  if (of) {
    const wanted = of[1] ?? of[2];
    const found =
      frame.fields.find((each) => each.name === wanted || each.title === wanted) ?? frame.fields[Number(wanted)];
    return found ? String(found.values[row] ?? '') : '';
  }
  const value = field.values[row];
  switch (name) {
    case '__value.raw':
    case '__value.numeric':
      return String(value ?? '');
    case '__value.text':
      return display(field, value).text;
    case '__value.time':
      return String(frame.fields.find((each) => each.type === 'time')?.values[row] ?? '');
    case '__field.name':
    case '__series.name':
      return field.title;
    default: {
      const label = /^__field\.labels\.(.+)$/.exec(name);
      return label ? (field.labels?.[label[1]] ?? '') : undefined;
    }
  }
}

function ofVariable(name, format, { view, encode }) {
  const variable = view.variables.find((each) => each.name === name);
  if (!variable) {
    return undefined;
  }
  if (format === 'queryparam') {
    return queryParameters(variable);
  }
  return encoded(variable.all ? 'All' : variable.values.join(','), format, encode);
}

/** `var-workflow=a&var-workflow=b`, as the address has them. */
export function queryParameters(variable) {
  if (variable.type === 'datasource' || variable.type === 'constant') {
    return '';
  }
  const values = variable.all ? ['$__all'] : variable.values;
  return values.map((value) => `var-${encodeURIComponent(variable.name)}=${encodeURIComponent(value)}`).join('&');
}

function encoded(text, format, encode) {
  return format === 'raw' ? text : format === 'percentencode' ? encodeURIComponent(text) : encode(text);
}
