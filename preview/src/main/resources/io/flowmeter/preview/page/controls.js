// The bar at the top: dashboards, variables, time range, refresh.

import { choices } from './choices.js';
import { el } from './dom.js';
import { queryParameters } from './links.js';
import { rangePicker, refreshPicker } from './times.js';

/**
 * The controls.
 *
 * @param move goes to another range, variable or refresh
 * @param reload loads the same again
 */
export function controls(all, view, refresh, move, reload) {
  return [
    el('h1', { class: 'for-readers-aloud', text: view.json.title }),
    el(
      'div',
      { class: 'bar' },
      brand(),
      navigation(all, view),
      el('div', { class: 'times' }, rangePicker(view, move), refreshPicker(refresh, move, reload)),
    ),
    choices(view, move),
  ];
}

function brand() {
  return el(
    'a',
    { class: 'brand', href: '/' },
    el('img', { src: '/page/icon.svg', alt: '', width: 20, height: 20 }),
    el('span', { text: 'Flowmeter' }),
  );
}

/** All dashboards. What is looked at goes along: the time range, and variables, of which each page takes those it has. */
function navigation(all, view) {
  const kept = [
    `from=${encodeURIComponent(view.range.from)}&to=${encodeURIComponent(view.range.to)}`,
    ...view.variables.map(queryParameters),
  ]
    .filter(Boolean)
    .join('&');
  return el(
    'nav',
    { 'aria-label': 'Dashboards' },
    all.map(({ uid, title, description }) =>
      el('a', {
        href: `/d/${uid}?${kept}`,
        title: description,
        'aria-current': uid === view.json.uid && 'page',
        text: label(title),
      }),
    ),
  );
}

function label(title) {
  const own = title.replace(/^Flowmeter:? (?=.)/, '');
  return own.charAt(0).toUpperCase() + own.slice(1);
}
