// What opens below a button, and closes when one looks elsewhere.

import { el } from './dom.js';

/** A button with what it opens below it. */
export function popover(text, label, content, properties = {}) {
  const details = el(
    'details',
    { class: 'popover', ...properties },
    el('summary', { 'aria-label': label, text }),
    el('div', { class: 'panel-like' }, content),
  );
  details.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      details.open = false;
      details.querySelector('summary').focus();
    }
  });
  details.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) {
      details.open = false;
    }
  });
  return details;
}

document.addEventListener('pointerdown', (event) => {
  document.querySelectorAll('details.popover[open]').forEach((each) => {
    if (!each.contains(event.target)) {
      each.open = false;
    }
  });
});
