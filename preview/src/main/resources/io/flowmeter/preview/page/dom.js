// Elements are made here and nowhere else, and text is only ever text: nothing is parsed as HTML.

/**
 * An element.
 *
 * @param tag its name
 * @param properties `class`, `text`, `on` (listeners), `data`, `style` (by property), else attributes; undefined and
 *     false leave an attribute out
 * @param children nodes; undefined ones are left out
 */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) {
      continue;
    } else if (name === 'text') {
      element.textContent = value;
    } else if (name === 'on') {
      Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
    } else if (name === 'data') {
      Object.assign(element.dataset, value);
    } else if (name === 'style') {
      Object.entries(value).forEach(([property, text]) => element.style.setProperty(property, text));
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null));
  return element;
}

/** Puts children in the place of those that are there. */
export function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== undefined && child !== null));
}
