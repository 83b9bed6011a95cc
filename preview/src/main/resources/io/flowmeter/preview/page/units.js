// Numbers with their units, as Grafana shows them.

import { stamp } from './time.js';

const TIMES = [
  [1, 'ms'],
  [1_000, 's'],
  [60_000, 'min'],
  [3_600_000, 'h'],
  [86_400_000, 'd'],
  [31_536_000_000, 'y'],
];
const BIG = [
  [1, ''],
  [1e3, 'K'],
  [1e6, 'Mil'],
  [1e9, 'Bil'],
  [1e12, 'Tri'],
];
const BYTES = [
  [1, 'B'],
  [1024, 'KiB'],
  [1024 ** 2, 'MiB'],
  [1024 ** 3, 'GiB'],
  [1024 ** 4, 'TiB'],
];
const DECIMAL_BYTES = [
  [1, 'B'],
  [1e3, 'kB'],
  [1e6, 'MB'],
  [1e9, 'GB'],
  [1e12, 'TB'],
];
const DURATIONS = { ns: 1e-6, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const RATES = {
  reqps: 'req/s',
  rps: 'rd/s',
  wps: 'wr/s',
  ops: 'ops/s',
  cps: 'c/s',
  eps: 'evt/s',
  reqpm: 'req/min',
  cpm: 'c/min',
  opm: 'ops/min',
};

/** Three digits that matter, and no zeros that say nothing. */
function digits(value, decimals) {
  if (Number.isInteger(decimals)) {
    return value.toFixed(decimals);
  }
  const whole = Math.max(1, Math.floor(Math.log10(Math.abs(value) || 1)) + 1);
  return String(Number(value.toFixed(Math.max(0, Math.min(4, 3 - whole)))));
}

function scaled(value, steps, decimals, space = ' ') {
  const size = Math.abs(value);
  const [factor, name] = steps.filter(([least]) => size >= least).at(-1) ?? steps[0];
  const number =
    factor === 1 && Number.isInteger(value) && !decimals ? String(value) : digits(value / factor, decimals);
  return name ? `${number}${space}${name}` : number;
}

function fromNow(ms) {
  const past = Date.now() - ms;
  return past >= 0 ? `${scaled(past, TIMES)} ago` : `in ${scaled(-past, TIMES)}`;
}

/** A number as text. Points in time are milliseconds since 1970. */
export function format(value, unit = 'short', decimals, utc = true) {
  if (unit in DURATIONS) {
    return value === 0 ? `0 ${unit}` : scaled(value * DURATIONS[unit], TIMES, decimals);
  }
  if (unit in RATES) {
    return `${scaled(value, BIG, decimals)} ${RATES[unit]}`;
  }
  switch (unit) {
    case 'percentunit':
      return `${digits(value * 100, decimals)}%`;
    case 'percent':
      return `${digits(value, decimals)}%`;
    case 'bytes':
      return scaled(value, BYTES, decimals);
    case 'decbytes':
      return scaled(value, DECIMAL_BYTES, decimals);
    case 'dateTimeAsIso':
    case 'dateTimeAsIsoNoDateIfToday':
    case 'dateTimeAsLocal':
    case 'dateTimeAsSystem':
      return stamp(value, utc);
    case 'dateTimeFromNow':
      return fromNow(value);
    case 'none':
    case 'string':
      return digits(value, decimals);
    case 'locale':
      return value.toLocaleString('en', { maximumFractionDigits: decimals ?? 3 });
    case 'short':
    case '':
      return scaled(value, BIG, decimals);
    default:
      return custom(value, unit, decimals);
  }
}

function custom(value, unit, decimals) {
  const [, kind, text] = /^(suffix|prefix|si|count|currency):(.*)$/.exec(unit) ?? [];
  const number = scaled(value, BIG, decimals);
  if (kind === 'prefix' || kind === 'currency') {
    return text + number;
  }
  return kind === 'suffix' ? number + text : `${number} ${text ?? unit}`;
}
