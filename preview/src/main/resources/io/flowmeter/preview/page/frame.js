// Answers of ClickHouse as columns: a frame is { refId, fields, rows }, a field { name, type, values, labels }, its
// type one of time (milliseconds since 1970), number, string and other (arrays and maps).

/** The frames of a panel's answer; time series are wide, with a field for each combination of labels. */
export function frames(answer) {
  return answer.targets.map((target) => {
    const frame = read(target.answer, target.refId, target.rows);
    return target.format === 0 ? wide(frame) : frame;
  });
}

/** One answer. More rows than the limit are left out, which `more` tells. */
export function read(answer, refId = 'A', limit = Infinity) {
  const data = answer.data.length > limit ? answer.data.slice(0, limit) : answer.data;
  const fields = answer.meta.map((column, index) => {
    const type = typeOf(column.type);
    return { name: column.name, type, values: data.map((row) => value(row[index], type)) };
  });
  return { refId, fields, rows: data.length, more: data.length < answer.data.length };
}

function typeOf(type) {
  const bare = type.replace(/^(?:(?:LowCardinality|Nullable)\()+/, '');
  if (/^Date/.test(bare)) {
    return 'time';
  }
  if (/^(U?Int|B?Float|Decimal)/.test(bare)) {
    return 'number';
  }
  return /^(Array|Map|Tuple|Nested|JSON)/.test(bare) ? 'other' : 'string';
}

function value(raw, type) {
  if (raw === null || raw === undefined) {
    return null;
  }
  if (type === 'time') {
    return Date.parse(raw);
  }
  if (type === 'number') {
    return Number(raw);
  }
  return type === 'other' ? raw : String(raw);
}

/** Long rows (time, labels, numbers) as one field a series, each with its labels. */
function wide(frame) {
  const time = frame.fields.find((field) => field.type === 'time');
  const labels = frame.fields.filter((field) => field.type === 'string');
  const numbers = frame.fields.filter((field) => field.type === 'number');
  if (!time || labels.length === 0) {
    return frame;
  }
  const times = [...new Set(time.values)].sort((a, b) => a - b);
  const row = new Map(times.map((each, index) => [each, index]));
  const series = new Map();
  for (let i = 0; i < frame.rows; i++) {
    const told = labels.map((label) => label.values[i] ?? '');
    for (const number of numbers) {
      const key = JSON.stringify([number.name, ...told]);
      if (!series.has(key)) {
        const named = Object.fromEntries(labels.map((label, at) => [label.name, told[at]]));
        series.set(key, {
          name: number.name,
          type: 'number',
          labels: named,
          values: new Array(times.length).fill(null),
        });
      }
      series.get(key).values[row.get(time.values[i])] = number.values[i];
    }
  }
  return { ...frame, rows: times.length, fields: [{ ...time, values: times }, ...series.values()] };
}

/** What a list of numbers comes to; null where it has none. */
export function reduced(values, calculation) {
  const told = values.filter((each) => each !== null && !Number.isNaN(each));
  switch (calculation) {
    case 'last':
      return values.at(-1) ?? null;
    case 'first':
      return values[0] ?? null;
    case 'firstNotNull':
      return told[0] ?? null;
    case 'count':
      return values.length;
    default:
  }
  if (told.length === 0) {
    return null;
  }
  const sum = () => told.reduce((a, b) => a + b, 0);
  switch (calculation) {
    case 'max':
      return told.reduce((a, b) => Math.max(a, b));
    case 'min':
      return told.reduce((a, b) => Math.min(a, b));
    case 'sum':
    case 'total':
      return sum();
    case 'mean':
      return sum() / told.length;
    case 'range':
      return told.reduce((a, b) => Math.max(a, b)) - told.reduce((a, b) => Math.min(a, b));
    default:
      return told.at(-1);
  }
}

export const CALCULATIONS = {
  lastNotNull: 'Last',
  last: 'Last',
  max: 'Max',
  min: 'Min',
  mean: 'Mean',
  sum: 'Total',
  total: 'Total',
  firstNotNull: 'First',
  first: 'First',
  count: 'Count',
  range: 'Range',
};
