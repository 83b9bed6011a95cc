// The page's address, as Grafana writes its own: from, to, refresh and var-… of each variable.

import { queryParameters } from './links.js';

export function rangeOf(address, json) {
  return { from: address.get('from') || json.time?.from || 'now-24h', to: address.get('to') || json.time?.to || 'now' };
}

/** A period such as `30s`; empty for never. */
export function refreshOf(address, json) {
  const text = address.has('refresh') ? address.get('refresh') : json.refresh;
  return /^\d+[smh]$/.test(text ?? '') ? text : '';
}

export function addressOf({ range, variables, refresh }) {
  const parts = [
    `from=${encodeURIComponent(range.from)}`,
    `to=${encodeURIComponent(range.to)}`,
    ...variables.map(queryParameters),
  ];
  return `${window.location.pathname}?${[...parts, `refresh=${refresh}`].filter(Boolean).join('&')}`;
}
