// What lies over a chart of time: annotations, the stretch that is dragged over to zoom in, and the moment that is pointed
// at in another chart.

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
      node: el(
        'div',
        { class: 'mark', style: { '--mark': color(each.color) } },
        hover(
          el('button', { type: 'button', class: 'flag', 'aria-label': `${each.name}: ${each.title || each.text}` }),
          () => about(each, utc),
        ),
      ),
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
  return [
    el('b', { text: title || name }),
    el('div', { text: stamp(time, utc) }),
    el('div', { text }),
    tags ? el('div', { class: 'hint', text: tags }) : undefined,
  ];
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
    const times = [begin, at(event)]
      .map((x) => Math.round(chart.convertFromPixel({ xAxisIndex: 0 }, x ?? 0)))
      .sort((a, b) => a - b);
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

const pointedAt = new EventTarget();

/** Shows in all charts of time the moment that is pointed at in one of them. */
export function crosshair(frame, chart) {
  const line = el('div', { class: 'cross', hidden: true });
  frame.append(line);
  const tell = (time) => pointedAt.dispatchEvent(new CustomEvent('moment', { detail: { time, frame } }));
  const show = ({ detail }) => {
    const x =
      detail.time === undefined || detail.frame === frame ? NaN : chart.convertToPixel({ xAxisIndex: 0 }, detail.time);
    line.hidden = !(Number.isFinite(x) && chart.containPixel('grid', [x, frame.clientHeight / 2]));
    line.style.setProperty('left', `${x}px`);
  };
  frame.addEventListener('pointermove', (event) => {
    const [x, y] = [
      event.clientX - frame.getBoundingClientRect().left,
      event.clientY - frame.getBoundingClientRect().top,
    ];
    tell(chart.containPixel('grid', [x, y]) ? chart.convertFromPixel({ xAxisIndex: 0 }, x) : undefined);
  });
  frame.addEventListener('pointerleave', () => tell(undefined));
  pointedAt.addEventListener('moment', show);
  return () => pointedAt.removeEventListener('moment', show);
}
