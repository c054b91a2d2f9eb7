// The results as tables: for the screen, and in Markdown for the docs.
import { COMPARISONS, METRICS, shortNumber, timesBetter, WORKER_METRICS } from './metrics.js';

/** @returns {string[][]} the first row is the heading. */
export function resultTable({ columns }) {
  const comparisons = COMPARISONS.filter((comparison) =>
    METRICS.some((metric) => timesBetter(metric, comparison, columns) !== undefined),
  );
  const heading = [
    '',
    ...columns.map(({ label }) => label),
    ...comparisons.map(({ label }) => `times better: ${label}`),
  ];
  const rows = METRICS.map((metric) => [
    metric.label,
    ...columns.map(({ metrics }) => shortNumber(metrics[metric.key])),
    ...comparisons.map((comparison) => shortNumber(timesBetter(metric, comparison, columns))),
  ]);
  return [heading, ...rows.filter((row) => row.slice(1).some((cell) => cell !== ''))];
}

/** @returns {string[][]} undefined where growth was not measured. */
export function growthTable({ growth }) {
  if (growth === undefined || growth.length === 0) return undefined;
  const steps = [...new Set(growth.flatMap(({ chains }) => chains.map((chain) => chain.steps)))];
  const chain = (each, length) => each.chains.find((one) => one.steps === length)?.ms;
  const count = (value) => (value === undefined ? '' : value.toLocaleString('en-US'));
  const rows = [
    ...steps.map((length) => [
      `chain of ${count(length)} activities (ms a step)`,
      ...growth.map((each) => shortNumber(chain(each, length) / length)),
    ]),
    ['hello sequences at once', ...growth.map(({ atOnce }) => count(atOnce.count))],
    ['… done, a second', ...growth.map(({ atOnce }) => shortNumber(atOnce.perSecond))],
    ['… memory of the engine (MB)', ...growth.map(({ atOnce }) => shortNumber(atOnce.memoryMb))],
    ['finished instances in the hub', ...growth.map(({ finished }) => count(finished?.count))],
    [
      '… hello sequence, before / after (ms)',
      ...growth.map(({ finished }) => pair(finished, 'helloMs')),
    ],
    [
      '… page of 100 of the list, before / after (ms)',
      ...growth.map(({ finished }) => pair(finished, 'pageMs')),
    ],
    [
      '… purged, a second',
      ...growth.map(({ finished: all }) => shortNumber(all && (all.purged * 1000) / all.purgeMs)),
    ],
  ];
  return [['', ...growth.map(({ label }) => label)], ...rows];
}

/** What each message of a long chain costs, in memory, by its place. @returns {string[][]} undefined where it was not measured. */
export function workTable({ engineWork = [] }) {
  if (engineWork.length === 0) return undefined;
  const rows = engineWork.flatMap(({ steps, around }) =>
    around.map(({ step, engineMs, sdkMs }) => [
      `around step ${step} of ${steps}`,
      engineMs.toFixed(3),
      sdkMs.toFixed(3),
    ]),
  );
  return [['work per message, in memory (ms)', 'engine', 'SDK'], ...rows];
}

/** Several hosts on one hub. @returns {string[][]} undefined where they were not measured. */
export function workersTable({ workers = [] }) {
  if (workers.length === 0) return undefined;
  const rows = WORKER_METRICS.map(([key, label]) => [
    label,
    ...workers.map(({ metrics }) => shortNumber(metrics[key])),
  ]);
  return [['', ...workers.map(({ label }) => label)], ...rows];
}

function pair(finished, member) {
  if (finished === undefined) return '';
  return `${shortNumber(finished.before[member])} / ${shortNumber(finished.after[member])}`;
}

export function screenTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
        )
        .join('  '),
    )
    .join('\n');
}

export function markdownTable(rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const [heading, ...body] = rows;
  const rule = heading.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(heading), line(rule), ...body.map(line)].join('\n');
}
