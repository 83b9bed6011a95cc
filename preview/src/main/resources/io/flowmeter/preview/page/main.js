// The page: which dashboard its address names, and what happens when range, variables or time move on.

import * as api from './api.js';
import { Board } from './board.js';
import { controls } from './controls.js';
import { el, replace } from './dom.js';
import { onScheme } from './colors.js';
import { Refresh } from './refresh.js';
import { resolved } from './time.js';
import { chooseAll } from './variables.js';
import { addressOf, rangeOf, refreshOf } from './address.js';

const top = document.getElementById('top');
const main = document.getElementById('dashboard');

async function start() {
  const all = await api.dashboards();
  const uid = /^\/d\/([\w-]+)/.exec(window.location.pathname)?.[1];
  if (!uid) {
    const [first] = all;
    window.history.replaceState(null, '', `/d/${first.uid}${window.location.search}`);
    return start();
  }
  const json = await api.dashboard(uid);
  document.title = json.title;
  await new Page(all, json).show();
}

/** One dashboard in sight. */
class Page {
  constructor(all, json) {
    this.all = all;
    this.json = json;
    this.refresh = new Refresh(() => this.reload());
    this.view = { json, utc: json.timezone !== 'browser', variables: [] };
    this.board = new Board(this.view, (from, to) => this.move({ range: { from: String(from), to: String(to) } }));
    window.addEventListener('popstate', () => this.show());
    onScheme(() => this.board.redraw());
  }

  /** Shows what the address says. */
  async show() {
    main.setAttribute('aria-busy', 'true');
    const address = new URLSearchParams(window.location.search);
    this.view.range = rangeOf(address, this.json);
    this.view.resolved = resolved(this.view.range);
    this.refresh.every(refreshOf(address, this.json));
    if (!main.contains(this.board.element)) {
      replace(main, this.board.element);
    }
    await chooseAll(this.view, (name) => address.getAll(`var-${name}`));
    this.controls();
    await this.load();
  }

  /** Goes where a control leads: an address of its own, so that it can be left again and passed on. */
  move({ range = this.view.range, variable, refresh = this.refresh.text }) {
    const variables = this.view.variables.map((each) =>
      variable && each.name === variable.name ? { ...each, ...variable } : each,
    );
    window.history.pushState(null, '', addressOf({ range, variables, refresh }));
    return this.show();
  }

  /** The same again, as of now. */
  async reload() {
    this.view.resolved = resolved(this.view.range);
    await this.load();
  }

  async load() {
    main.setAttribute('aria-busy', 'true');
    await this.board.load();
    main.removeAttribute('aria-busy');
    this.refresh.loaded();
  }

  /** New controls in the place of the old ones. The focus stays, or goes to the button of the popover it was in. */
  controls() {
    const stops = () =>
      [...top.querySelectorAll('a, button, input, select, summary')].filter((each) => !each.closest('.panel-like'));
    const active = document.activeElement?.closest('.popover')?.querySelector('summary') ?? document.activeElement;
    const at = stops().indexOf(active);
    replace(
      top,
      ...controls(
        this.all,
        this.view,
        this.refresh.text,
        (to) => this.move(to),
        () => this.reload(),
      ),
    );
    stops()[at]?.focus();
  }
}

start().catch((e) => replace(main, el('p', { class: 'failure', role: 'alert', text: e.message })));
