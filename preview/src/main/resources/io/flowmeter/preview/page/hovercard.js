// What appears beside a thing that is pointed at or focused, wherever there is room for it in the window.

import { el, replace } from './dom.js';

const card = el('div', { class: 'card', role: 'tooltip', id: 'hovercard', hidden: true });
const MARGIN_PX = 8;
document.body.append(card);
window.addEventListener('scroll', hide, true);
window.addEventListener('keydown', (event) => event.key === 'Escape' && hide());

/** Shows the content's nodes beside a node while it is pointed at or focused. */
export function hover(node, content) {
  const show = (event) => {
    if (!node.isConnected) {
      return;
    }
    replace(card, content());
    card.hidden = false;
    const at = node.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = card;
    const below = at.bottom + height + MARGIN_PX < window.innerHeight || at.top < height + MARGIN_PX;
    card.style.setProperty('top', `${below ? at.bottom + 4 : at.top - height - 4}px`);
    card.style.setProperty(
      'left',
      `${Math.max(MARGIN_PX, Math.min((event.clientX ?? at.left) + MARGIN_PX, window.innerWidth - width - MARGIN_PX))}px`,
    );
    node.setAttribute('aria-describedby', card.id);
  };
  const gone = () => {
    node.removeAttribute('aria-describedby');
    hide();
  };
  node.addEventListener('pointerenter', show);
  node.addEventListener('focus', show);
  node.addEventListener('pointerleave', gone);
  node.addEventListener('blur', gone);
  return node;
}

function hide() {
  card.hidden = true;
}
