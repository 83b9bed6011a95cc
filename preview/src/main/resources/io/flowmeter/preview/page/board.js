// A dashboard's panels on Grafana's grid of 24 columns, under headings that fold.

import * as api from './api.js';
import { el } from './dom.js';
import { read } from './frame.js';
import { Panel } from './panel.js';
import { interval } from './time.js';
import { question } from './variables.js';

export class Board {
  constructor(view, zoom) {
    this.view = view;
    this.panels = [];
    this.loading = undefined;
    this.element = el(
      'div',
      { class: 'board' },
      sections(view.json.panels ?? []).map((section) => this.section(section, zoom)),
    );
  }

  section({ row, panels }, zoom) {
    const top = Math.min(...panels.map((panel) => panel.gridPos?.y ?? 0));
    const views = panels.map((json) => new Panel(json, this.view, top, zoom));
    this.panels.push(...views);
    const grid = el(
      'div',
      { class: 'grid' },
      views.map((each) => each.element),
    );
    if (!row) {
      return grid;
    }
    const details = el(
      'details',
      { class: 'row', open: !row.collapsed, data: { state: 'ready' } },
      el('summary', { text: row.title }),
      grid,
    );
    details.addEventListener('toggle', () => details.open && this.loading && this.resume(views));
    views.forEach((each) => (each.isOpen = () => details.open));
    return details;
  }

  /** Loads all panels that can be seen; what still loads for an earlier view is given up. */
  async load() {
    this.loading?.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    this.view.annotations = this.annotations(signal);
    await Promise.all(this.panels.filter((panel) => panel.isOpen()).map((panel) => panel.load(signal)));
  }

  resume(panels) {
    panels.forEach((panel) => panel.load(this.loading?.signal));
  }

  redraw() {
    this.panels.forEach((panel) => panel.draw());
  }

  /** Points in time with their texts, for all time series. A failure is told nowhere else than in the log. */
  async annotations(signal) {
    const wanted = (this.view.json.annotations?.list ?? []).filter(
      (each) => each.enable !== false && each.target && !each.builtIn,
    );
    const width = { interval: interval(this.view.resolved, 1_000, 0) };
    const all = await Promise.all(
      wanted.map(async (annotation) => {
        try {
          const frame = read(
            await api.annotation(question(this.view, { ...width, annotation: annotation.name }), signal),
          );
          return marks(frame, annotation);
        } catch (e) {
          if (e.name !== 'AbortError') {
            console.warn(`The annotation ${annotation.name} could not be read: ${e.message}`);
          }
          return [];
        }
      }),
    );
    return all.flat();
  }
}

function marks(frame, { name, iconColor }) {
  const column = (...names) => frame.fields.find((field) => names.includes(field.name))?.values ?? [];
  const [times, titles, texts] = [column('time'), column('title'), column('text', 'description')];
  const [tags] = [column('tags')];
  return times.map((time, row) => ({
    name,
    color: iconColor ?? 'blue',
    time,
    title: titles[row] ?? '',
    text: texts[row] ?? '',
    tags: [tags[row] ?? []].flat().join(', '),
  }));
}

/** Panels below the row that stands above them; of folded rows, those that are in it. */
function sections(panels) {
  const found = [{ panels: [] }];
  for (const panel of panels) {
    if (panel.type === 'row') {
      found.push({ row: panel, panels: [...(panel.panels ?? [])] });
    } else {
      found.at(-1).panels.push(panel);
    }
  }
  return found.filter((section) => section.row || section.panels.length > 0);
}
