// Loads again every so often: the pause begins when all is there, so that loads never pile up, and nobody loads for a
// page that nobody sees.

import { period } from './time.js';

export class Refresh {
  constructor(reload) {
    this.reload = reload;
    this.text = '';
    this.timer = undefined;
    this.due = false;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.due) {
        this.fire();
      }
    });
  }

  /** A period such as `30s`; empty for never. */
  every(text) {
    this.text = text;
    clearTimeout(this.timer);
  }

  /** All is there: the next pause begins. */
  loaded() {
    clearTimeout(this.timer);
    this.due = false;
    const pause = period(this.text);
    if (pause > 0) {
      this.timer = setTimeout(() => this.fire(), Math.max(pause, 1_000));
    }
  }

  fire() {
    if (document.hidden) {
      this.due = true;
    } else {
      this.due = false;
      this.reload();
    }
  }
}
