// One panel: its frame, what it asks, and which of loading, ready, empty, error and unsupported it is in.

import * as api from './api.js';
import { el, replace } from './dom.js';
import { hover } from './hovercard.js';
import { configured } from './fields.js';
import { frames } from './frame.js';
import { filled } from './links.js';
import { interval, period } from './time.js';
import { question } from './variables.js';
import * as barchart from './panels/barchart.js';
import * as heatmap from './panels/heatmap.js';
import * as stat from './panels/stat.js';
import * as table from './panels/table.js';
import * as text from './panels/text.js';
import * as timeseries from './panels/timeseries.js';
import * as traces from './panels/traces.js';

// Each draws into a body and returns what takes it away again; `asks` tells whether it needs data.
const TYPES = { barchart, heatmap, stat, 'status-history': heatmap, table, text, timeseries, traces };
const NOTHING = 'Nothing in this time range.';
const ROW_PX = 30;
const GAP_PX = 8;

export class Panel {
  /**
   * @param json the panel as Grafana keeps it
   * @param top the row of the grid at which its section begins
   * @param zoom goes to a range in milliseconds
   */
  constructor(json, view, top, zoom) {
    this.json = json;
    this.view = view;
    this.zoom = zoom;
    this.type = TYPES[json.type];
    this.isOpen = () => true;
    this.memory = {};
    this.heading = el('h2', { id: `title-${json.id}` });
    this.body = el('div', { class: `body ${json.type}` });
    this.element = el(
      'section',
      {
        class: 'panel',
        'aria-labelledby': `title-${json.id}`,
        data: { panel: String(json.id), type: json.type, state: 'loading' },
        style: place(json.gridPos ?? {}, top),
      },
      el('header', {}, this.heading, this.info()),
      this.body,
    );
    if (json.transparent) {
      this.element.classList.add('transparent');
    }
  }

  info() {
    if (!this.json.description) {
      return undefined;
    }
    const about = () => el('span', { text: filled(this.json.description, { view: this.view, encode: String }) });
    const id = `about-${this.json.id}`;
    const named = { id, 'aria-label': 'About', 'aria-labelledby': `${id} title-${this.json.id}` };
    return hover(el('button', { type: 'button', class: 'info', ...named, text: 'i' }), about);
  }

  /** Asks and draws. An aborted signal leaves all as it is. */
  async load(signal) {
    this.heading.textContent = filled(this.json.title ?? '', { view: this.view, encode: String });
    if (!this.type) {
      this.say('unsupported', `This page cannot draw a panel of type ${this.json.type}. Grafana can.`);
      return;
    }
    if (this.type.asks === false) {
      this.draw();
      return;
    }
    this.element.setAttribute('aria-busy', 'true');
    try {
      const width = interval(
        this.view.resolved,
        this.json.maxDataPoints || this.element.clientWidth,
        period(this.json.interval),
      );
      const answer = await api.panel(question(this.view, { panel: this.json.id, interval: width }), signal);
      const annotations = await this.view.annotations;
      if (signal?.aborted) {
        return;
      }
      this.told = { frames: configured(frames(answer), this.json), annotations, resolved: this.view.resolved };
      this.draw();
    } catch (e) {
      if (e.name !== 'AbortError' && !signal?.aborted) {
        this.say('error', e.message);
      }
    }
    this.element.removeAttribute('aria-busy');
  }

  /** Draws what was told last. */
  draw() {
    if (!this.type || (this.type.asks !== false && !this.told)) {
      return;
    }
    const told = this.told ?? { frames: [], annotations: [] };
    if (this.type.asks !== false && told.frames.every((frame) => frame.rows === 0)) {
      this.say('empty', this.json.fieldConfig?.defaults?.noValue ?? NOTHING);
      return;
    }
    const scrolled = this.body.firstElementChild?.scrollTop ?? 0;
    const focused = this.focusable().indexOf(document.activeElement);
    try {
      this.clear();
      this.undo = this.type.draw({
        ...told,
        body: this.body,
        panel: this.json,
        view: this.view,
        zoom: this.zoom,
        memory: this.memory,
      });
      this.element.dataset.state = 'ready';
      this.body.firstElementChild?.scrollTo(0, scrolled);
      if (focused >= 0) {
        this.focusable()[focused]?.focus({ preventScroll: true });
      }
    } catch (e) {
      console.error(e);
      this.say('error', `This panel could not be drawn: ${e.message}`);
    }
  }

  /** What keys reach in the body, in order: a panel that is drawn anew keeps the place of the focus. */
  focusable() {
    return [...this.body.querySelectorAll('a[href], button, [tabindex="0"]')];
  }

  say(state, sentence) {
    this.clear();
    this.element.dataset.state = state;
    replace(this.body, el('p', { class: 'sentence', role: state === 'error' ? 'alert' : undefined, text: sentence }));
  }

  clear() {
    this.undo?.();
    this.undo = undefined;
    replace(this.body);
  }
}

function place({ x = 0, y = 0, w = 12, h = 8 }, top) {
  return {
    '--column': `${x + 1} / span ${w}`,
    '--rows': `${y - top + 1} / span ${h}`,
    '--height': `${h * (ROW_PX + GAP_PX) - GAP_PX}px`,
    '--width': String(w),
  };
}
