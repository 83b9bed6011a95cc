// What series are called, which colour they have, and what they come to.

import { el } from '../dom.js';
import { display } from '../fields.js';
import { CALCULATIONS, reduced } from '../frame.js';

/**
 * The legend of series, each { field, color }, with what the panel wants told of each. A click chooses which are shown;
 * those that are not are kept in `memory.off` by their titles.
 *
 * @param changed is called after each click
 */
export function legendOf(series, panel, view, memory, changed) {
  const { showLegend = true, displayMode = 'list', calcs = [] } = panel.options?.legend ?? {};
  if (!showLegend || displayMode === 'hidden') {
    return undefined;
  }
  const columns = displayMode === 'table' ? calcs : [];
  const head =
    columns.length > 0
      ? el(
          'tr',
          {},
          el('th', { scope: 'col' }),
          columns.map((each) => el('th', { scope: 'col', text: CALCULATIONS[each] ?? each })),
        )
      : undefined;
  const rows = series.map((each) => {
    const { field, color } = each;
    const toggle = el(
      'button',
      { type: 'button', title: field.title, 'aria-pressed': String(!memory.off.has(field.title)) },
      el('span', { class: 'dot', style: { 'background-color': color } }),
      el('span', { text: field.title }),
    );
    toggle.addEventListener('click', (event) => {
      choose(
        memory.off,
        series.map((one) => one.field.title),
        field.title,
        event.ctrlKey || event.metaKey,
      );
      rows.forEach((row, at) =>
        row.querySelector('button').setAttribute('aria-pressed', String(!memory.off.has(series[at].field.title))),
      );
      changed();
    });
    return el(
      'tr',
      {},
      el('td', {}, toggle),
      columns.map((calculation) =>
        el('td', { class: 'right', text: display(field, reduced(field.values, calculation), view.utc).text }),
      ),
    );
  });
  return el(
    'div',
    { class: `legend ${displayMode}`, tabindex: 0 },
    el('table', {}, head ? el('thead', {}, head) : undefined, el('tbody', {}, rows)),
  );
}

/** As in Grafana: a click shows one alone, or all again; with a key held it turns one on or off. */
function choose(off, all, title, one) {
  if (one) {
    off[off.has(title) ? 'delete' : 'add'](title);
    return;
  }
  const alone = all.every((each) => off.has(each) === (each !== title));
  off.clear();
  if (!alone) {
    all.filter((each) => each !== title).forEach((each) => off.add(each));
  }
}
