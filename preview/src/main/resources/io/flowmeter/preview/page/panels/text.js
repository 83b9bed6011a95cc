// Text as it stands: headings, lists, paragraphs and links to dashboards of ours; all other Markdown is shown as text.

import { el } from '../dom.js';
import { filled, ownPath } from '../links.js';

export const asks = false;

export function draw({ body, panel, view }) {
  const content = filled(panel.options?.content ?? '', { view, encode: String });
  body.append(el('div', { class: 'prose', tabindex: 0 }, ...blocks(content)));
}

function blocks(content) {
  return content.split(/\n\s*\n/).flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.trim());
    const heading = /^(#{1,4})\s+(.*)$/.exec(lines[0] ?? '');
    if (heading) {
      return [
        el(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])),
        ...blocks(lines.slice(1).join('\n')),
      ];
    }
    if (lines.length > 0 && lines.every((line) => /^\s*[-*]\s+/.test(line))) {
      return [
        el(
          'ul',
          {},
          lines.map((line) => el('li', {}, inline(line.replace(/^\s*[-*]\s+/, '')))),
        ),
      ];
    }
    return lines.length > 0 ? [el('p', {}, inline(lines.join(' ')))] : [];
  });
}

function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([^)]+\))/).map((part) => {
    const link = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part);
    const href = link && ownPath(link[2]);
    if (href) {
      return el('a', { href, text: link[1] });
    }
    if (/^\*\*.+\*\*$/.test(part)) {
      return el('strong', { text: part.slice(2, -2) });
    }
    return /^`.+`$/.test(part) ? el('code', { text: part.slice(1, -1) }) : document.createTextNode(part);
  });
}
