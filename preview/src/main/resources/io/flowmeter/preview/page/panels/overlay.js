// What lies over a chart of time: annotations, and the stretch that is dragged over to zoom in.

import { color } from '../colors.js';
import { el } from '../dom.js';
import { hover } from '../hovercard.js';
import { stamp } from '../time.js';

const LEAST_DRAG_PX = 6;

/** Vertical lines at points in time, each with its text; `place` puts them where the axis has them now. */
export function marked(frame, chart, annotations, range, utc) {
  const marks = annotations
    .filter((each) => each.time >= range.from && each.time <= range.to)
    .map((each) => ({
      time: each.time,
      node: el('div', { class: 'mark', style: { '--mark': color(each.color) } }, hover(el('button', { type: 'button', class: 'flag', 'aria-label': `${each.name}: ${each.title || each.text}` }), () => about(each, utc))),
    }));
  frame.append(...marks.map((each) => each.node));
  return {
    place() {
      for (const { time, node } of marks) {
        const x = chart.convertToPixel({ xAxisIndex: 0 }, time);
        node.style.setProperty('left', `${x}px`);
        node.hidden = !Number.isFinite(x);
      }
    },
  };
}

function about({ name, title, text, time, tags }, utc) {
  return [el('b', { text: title || name }), el('div', { text: stamp(time, utc) }), el('div', { text }), tags ? el('div', { class: 'hint', text: tags }) : undefined];
}

/** Dragging over a chart goes to the stretch of time that was dragged over. */
export function draggable(frame, chart, zoom) {
  const shade = el('div', { class: 'shade', hidden: true });
  frame.append(shade);
  let begin;
  const at = (event) => event.clientX - frame.getBoundingClientRect().left;
  const inPlot = (event) => chart.containPixel('grid', [at(event), event.clientY - frame.getBoundingClientRect().top]);
  frame.addEventListener('pointerdown', (event) => {
    begin = event.button === 0 && inPlot(event) ? at(event) : undefined;
  });
  frame.addEventListener('pointermove', (event) => {
    if (begin !== undefined && Math.abs(at(event) - begin) >= LEAST_DRAG_PX) {
      shade.hidden = false;
      shade.style.setProperty('left', `${Math.min(begin, at(event))}px`);
      shade.style.setProperty('width', `${Math.abs(at(event) - begin)}px`);
    }
  });
  frame.addEventListener('pointerup', (event) => {
    const dragged = begin !== undefined && !shade.hidden;
    const times = [begin, at(event)].map((x) => Math.round(chart.convertFromPixel({ xAxisIndex: 0 }, x ?? 0))).sort((a, b) => a - b);
    begin = undefined;
    shade.hidden = true;
    if (dragged && times[1] - times[0] >= 1_000) {
      zoom(...times);
    }
  });
  frame.addEventListener('pointerleave', () => {
    begin = undefined;
    shade.hidden = true;
  });
}
