// Time ranges as Grafana writes them, and the width of a point.

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, M: 2_592_000_000, y: 31_536_000_000 };
const RELATIVE = /^now(?:-(\d+)([smhdwMy]))?(?:\/([dwMy]))?$/;

export const PRESETS = [
  ['now-5m', 'Last 5 minutes'],
  ['now-15m', 'Last 15 minutes'],
  ['now-30m', 'Last 30 minutes'],
  ['now-1h', 'Last hour'],
  ['now-3h', 'Last 3 hours'],
  ['now-6h', 'Last 6 hours'],
  ['now-12h', 'Last 12 hours'],
  ['now-24h', 'Last 24 hours'],
  ['now-2d', 'Last 2 days'],
  ['now-7d', 'Last 7 days'],
  ['now-30d', 'Last 30 days'],
  ['now-90d', 'Last 90 days'],
];

/** Milliseconds of a text such as `now-24h`, `now/d`, `1700000000000` or `2026-11-27T10:00:00Z`; NaN for others. */
export function instant(text, now, upper = false) {
  const relative = RELATIVE.exec(text);
  if (!relative) {
    return /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  }
  const [, amount, unit, rounding] = relative;
  const moved = now - (amount ? Number(amount) * UNITS[unit] : 0);
  return rounding ? rounded(moved, rounding, upper) : moved;
}

function rounded(ms, unit, upper) {
  const date = new Date(ms);
  const begin = new Date(
    Date.UTC(date.getUTCFullYear(), unit === 'y' ? 0 : date.getUTCMonth(), 'My'.includes(unit) ? 1 : date.getUTCDate()),
  );
  if (unit === 'w') {
    begin.setUTCDate(begin.getUTCDate() - ((begin.getUTCDay() + 6) % 7));
  }
  if (!upper) {
    return begin.getTime();
  }
  const end = new Date(begin);
  if (unit === 'd' || unit === 'w') {
    end.setUTCDate(end.getUTCDate() + (unit === 'd' ? 1 : 7));
  } else {
    end.setUTCMonth(end.getUTCMonth() + (unit === 'M' ? 1 : 12));
  }
  return end.getTime() - 1;
}

/** From and to in milliseconds; the last day where the texts make no range. */
export function resolved(range, now = Date.now()) {
  const from = Math.round(instant(range.from, now));
  const to = Math.round(instant(range.to, now, true));
  return from <= to ? { from, to } : { from: now - UNITS.d, to: now };
}

/** Milliseconds of `30s`, `>1m` or `1h`; 0 for nothing. */
export function period(text) {
  const parts = /^>?\s*(\d+)(ms|[smhdwMy])$/.exec(text ?? '');
  return parts ? Number(parts[1]) * (parts[2] === 'ms' ? 1 : UNITS[parts[2]]) : 0;
}

// Up to the first number, a point has the width of the second: Grafana's own steps, from one second on.
const STEPS = [
  [1_500, 1_000],
  [3_500, 2_000],
  [7_500, 5_000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
];

/** The width of a point in milliseconds, as Grafana's `$__interval`: of the range, how many there may be, and its minimum. */
export function interval(range, points, least) {
  const exact = (range.to - range.from) / Math.max(points, 20);
  const step = STEPS.find(([upTo]) => exact < upTo)?.[1] ?? 2_592_000_000;
  return Math.max(step, least, 1_000);
}

const pad = (number, width = 2) => String(number).padStart(width, '0');

/** `2026-11-27 10:00:00`, in UTC or in the browser's zone. */
export function stamp(ms, utc = true) {
  const shown = new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
  return Number.isNaN(shown.getTime()) ? '' : shown.toISOString().slice(0, 19).replace('T', ' ');
}

/** The range in words, for its button. */
export function describe(range, utc) {
  const preset = PRESETS.find(([from]) => from === range.from && range.to === 'now');
  if (preset) {
    return preset[1];
  }
  const show = (text) => (/^now/.test(text) ? text : stamp(instant(text, Date.now()), utc));
  return `${show(range.from)} to ${show(range.to)}`;
}

/** How an axis names a point in time, given how far its marks are apart. */
export function axisLabel(ms, span, utc) {
  const date = new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
  const clock = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
  const day = `${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
  if (span <= 3 * UNITS.m) {
    return `${clock}:${pad(date.getUTCSeconds())}`;
  }
  if (span <= 26 * UNITS.h) {
    return clock;
  }
  return span <= 8 * UNITS.d ? `${day} ${clock}` : day;
}
