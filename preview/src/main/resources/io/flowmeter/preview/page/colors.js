// Grafana's names of colours, in the shades that suit the page's scheme.

const dark = window.matchMedia('(prefers-color-scheme: dark)');

const SHADES = {
  red: ['#FFA6B0', '#FF7383', '#F2495C', '#E02F44', '#C4162A'],
  orange: ['#FFCB7D', '#FFB357', '#FF9830', '#FF780A', '#FA6400'],
  yellow: ['#FFF899', '#FFEE52', '#FADE2A', '#F2CC0C', '#E0B400'],
  green: ['#C8F2C2', '#96D98D', '#73BF69', '#56A64B', '#37872D'],
  blue: ['#C0D8FF', '#8AB8FF', '#5794F2', '#3274D9', '#1F60C4'],
  purple: ['#DEB6F2', '#CA95E5', '#B877D9', '#A352CC', '#8F3BB8'],
};
const PREFIXES = ['super-light-', 'light-', '', 'semi-dark-', 'dark-'];
const CLASSIC = [
  'green',
  'semi-dark-yellow',
  'light-blue',
  'semi-dark-orange',
  'red',
  'blue',
  'purple',
  '#A16CA8',
  'dark-green',
  'yellow',
  '#447EBC',
  '#C15C17',
  'dark-red',
  'dark-blue',
  'dark-purple',
  '#B7A15B',
];
const CONTINUOUS = {
  GrYlRd: ['green', 'yellow', 'red'],
  RdYlGr: ['red', 'yellow', 'green'],
  BlYlRd: ['dark-blue', 'super-light-yellow', 'dark-red'],
  YlRd: ['super-light-yellow', 'dark-red'],
  BlPu: ['blue', 'purple'],
  YlBl: ['super-light-yellow', 'dark-blue'],
  blues: ['panel', 'dark-blue'],
  reds: ['panel', 'dark-red'],
  greens: ['panel', 'dark-green'],
  purples: ['panel', 'dark-purple'],
};
const SCHEMES = {
  Oranges: ['#FFF1E0', '#FDAE6B', '#E6550D', '#7F2704'],
  Blues: ['#EAF2FB', '#9ECAE1', '#3182BD', '#08306B'],
  Greens: ['#EDF8E9', '#A1D99B', '#31A354', '#00441B'],
  Reds: ['#FEE5D9', '#FC9272', '#DE2D26', '#67000D'],
  Purples: ['#F2F0F7', '#BCBDDC', '#756BB1', '#3F007D'],
  Spectral: ['#5E4FA2', '#66C2A5', '#FEE08B', '#F46D43', '#9E0142'],
  Turbo: ['#23171B', '#4A58DD', '#2F9DF5', '#4DF884', '#DEDD32', '#F65F18', '#900C00'],
  Viridis: ['#440154', '#31688E', '#35B779', '#FDE725'],
};

/** Calls when the scheme changes. */
export function onScheme(listener) {
  dark.addEventListener('change', listener);
}

/** A colour of the page's own style sheet. */
export function own(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A CSS colour for a name of Grafana's, or for a colour that is one already; the text's for anything else. */
export function color(name) {
  const shades = PREFIXES.flatMap((prefix, shade) =>
    Object.keys(SHADES).map((hue) => [prefix + hue, SHADES[hue][dark.matches ? shade : Math.min(4, shade + 1)]]),
  );
  const shade = shades.find(([each]) => each === name);
  if (shade) {
    return shade[1];
  }
  if (name === 'panel' || name === 'transparent') {
    return name === 'panel' ? own('panel') : 'transparent';
  }
  return /^#[0-9a-f]{3,8}$/i.test(name) || /^rgba?\([\d.,\s%]+\)$/.test(name) ? name : own('text');
}

/** The colour of the n-th series. */
export function classic(index) {
  return color(CLASSIC[index % CLASSIC.length]);
}

/** A colour between those of a continuous mode, for a share from 0 to 1. */
export function continuous(mode, share) {
  const stops = (CONTINUOUS[mode.replace('continuous-', '')] ?? CONTINUOUS.GrYlRd).map(color);
  const at = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(at));
  return mixed(stops[from], stops[from + 1], at - from);
}

/** The colours of a heat map, from nothing to the most. */
export function scheme(name, steps = 5) {
  const stops = SCHEMES[name] ?? SCHEMES.Oranges;
  const ordered =
    dark.matches && name !== 'Spectral' && name !== 'Turbo' && name !== 'Viridis' ? [...stops].reverse() : stops;
  return Array.from({ length: steps }, (_, i) => {
    const at = (i / (steps - 1)) * (ordered.length - 1);
    const from = Math.min(ordered.length - 2, Math.floor(at));
    return mixed(ordered[from], ordered[from + 1], at - from);
  });
}

function mixed(a, b, share) {
  const [from, to] = [channels(a), channels(b)];
  return `rgb(${from.map((channel, i) => Math.round(channel + (to[i] - channel) * share)).join(', ')})`;
}

function channels(css) {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(css);
  return hex
    ? hex.slice(1).map((each) => parseInt(each, 16))
    : (css.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);
}

/** The same colour, see-through. */
export function faded(css, opacity) {
  return `rgba(${channels(css).join(', ')}, ${opacity})`;
}

/** Black or white, whichever has more contrast with a colour. Either has a ratio of at least 4.5. */
export function readableOn(css) {
  return contrast(css, '#000000') > contrast(css, '#ffffff') ? '#000000' : '#ffffff';
}

/** The colour, or the closest one in which text can be read on a panel, and on a row of a table that is pointed at. */
export function textColor(css) {
  return contrasting(css, 4.5, own('grid'));
}

/** The colour, or the closest one in which lines and bars can be seen on a panel. */
export function shapeColor(css) {
  return contrasting(css, 3, own('panel'));
}

/** A colour's mixture with black or white that has at least a contrast ratio; those asked for are WCAG 2.2's. */
function contrasting(css, ratio, surface) {
  const strongest = readableOn(surface);
  const mixtures = Array.from({ length: 20 }, (_, i) => mixed(css, strongest, i / 20));
  return mixtures.find((each) => contrast(each, surface) >= ratio) ?? strongest;
}

/** The contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it. */
function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(css) {
  const [r, g, b] = channels(css)
    .map((channel) => channel / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
