// The results as a picture: a panel of bars for each of the main measures, and the growth of chains as lines. Colours follow the
// reader's scheme, light or dark.
import { METRICS, shortNumber } from './metrics.js';

const SHOWN = ['helloRate', 'helloP50', 'fanOut200', 'chain500'];
const WIDTH = 840;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 70;
const BAR = 16;
const GAP = 6;
const PANEL_GAP = 26;
const TITLE = 24;
const PLOT_HEIGHT = 220;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .bar { fill: #8c959f } .ours { fill: #1a7f37 }
  .axis { stroke: #d0d7de; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 }
  .s0 { stroke: #1a7f37; fill: #1a7f37 } .s1 { stroke: #0969da; fill: #0969da } .s2 { stroke: #9a6700; fill: #9a6700 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .bar { fill: #6e7681 } .ours { fill: #3fb950 }
    .axis { stroke: #30363d }
    .s0 { stroke: #3fb950; fill: #3fb950 } .s1 { stroke: #58a6ff; fill: #58a6ff } .s2 { stroke: #d29922; fill: #d29922 }
  }
  .line { fill: none }`;

/** @returns the text of an SVG file. */
export function chart({ columns, growth = [] }) {
  const parts = [];
  let y = 0;
  for (const key of SHOWN) {
    const metric = METRICS.find((each) => each.key === key);
    const bars = columns.filter(({ metrics }) => Number.isFinite(metrics[key]));
    if (bars.length === 0) continue;
    parts.push(barPanel(metric, bars, y));
    y += TITLE + bars.length * (BAR + GAP) + PANEL_GAP;
  }
  if (growth.length > 0) {
    parts.push(growthPanel(growth, y));
    y += TITLE + PLOT_HEIGHT + PANEL_GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Results of the benchmark">
<style>${STYLE}
</style>
${parts.join('\n')}
</svg>
`;
}

function barPanel({ key, label, better }, bars, top) {
  const longest = Math.max(...bars.map(({ metrics }) => metrics[key]));
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const rows = bars.map(({ label: name, isOurs, metrics }, index) => {
    const y = top + TITLE + index * (BAR + GAP);
    const width = Math.max(1, (metrics[key] / longest) * room);
    return [
      text(LABEL_WIDTH - 8, y + BAR - 4, name, 'end'),
      `<rect class="${isOurs ? 'ours' : 'bar'}" x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
      text(LABEL_WIDTH + width + 6, y + BAR - 4, shortNumber(metrics[key])),
    ].join('\n');
  });
  return [text(0, top + 14, `${label}: ${better} is better`, 'start', 'title'), ...rows].join('\n');
}

function growthPanel(growth, top) {
  const all = growth.flatMap(({ chains }) => chains);
  const longest = Math.max(...all.map(({ steps }) => steps));
  const slowest = Math.max(...all.map(({ ms }) => ms));
  const left = 60;
  const bottom = top + TITLE + PLOT_HEIGHT - 20;
  const x = (steps) => left + (steps / longest) * (WIDTH - left - 150);
  const y = (ms) => bottom - (ms / slowest) * (PLOT_HEIGHT - 40);
  const lines = growth.map(({ label, chains }, index) => {
    const points = chains.map(({ steps, ms }) => `${x(steps).toFixed(1)},${y(ms).toFixed(1)}`);
    const last = chains.at(-1);
    return [
      `<polyline class="line s${index % 3}" points="${points.join(' ')}"/>`,
      ...points.map((point) => {
        const [cx, cy] = point.split(',');
        return `<circle class="s${index % 3}" cx="${cx}" cy="${cy}" r="3"/>`;
      }),
      text(x(last.steps) + 8, y(last.ms) + 4, label),
    ].join('\n');
  });
  return [
    text(0, top + 14, 'chains: time (s) by number of steps', 'start', 'title'),
    `<path class="axis" fill="none" d="M${left} ${top + TITLE}V${bottom}H${WIDTH - 140}"/>`,
    text(left - 6, y(slowest) + 4, (slowest / 1000).toFixed(1), 'end'),
    text(left - 6, bottom, '0', 'end'),
    text(x(longest), bottom + 16, longest.toLocaleString('en-US'), 'middle'),
    ...lines,
  ].join('\n');
}

function text(x, y, content, anchor = 'start', kind = '') {
  const escaped = content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const classes = kind === '' ? '' : ` class="${kind}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${classes}>${escaped}</text>`;
}
