/** What becomes of the numbers of a benchmark: medians, ratios, tables and the chart. The measuring itself is run by hand. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/func-process.ts';

const BENCH = path.join(REPOSITORY, 'bench');

interface Column {
  readonly id: string;
  readonly label: string;
  readonly isOurs?: boolean;
  readonly metrics: Readonly<Record<string, number | undefined>>;
}

/** The benchmark is plain JavaScript. */
async function load<Exports>(file: string): Promise<Exports> {
  return (await import(path.join(BENCH, file))) as Exports;
}

const { medians, percentile } = await load<{
  medians: (runs: readonly object[]) => object;
  percentile: (values: readonly number[], percent: number) => number;
}>('statistics.js');
const { resultTable, growthTable, markdownTable } = await load<{
  resultTable: (results: object) => string[][];
  growthTable: (results: object) => string[][] | undefined;
  markdownTable: (rows: string[][]) => string;
}>('tables.js');
const { chart } = await load<{ chart: (results: object) => string }>('chart.js');

const COLUMNS: readonly Column[] = [
  { id: 'local', label: 'ours, <local>', isOurs: true, metrics: { helloRate: 900, helloP50: 3 } },
  { id: 'restate', label: 'Restate', metrics: { helloRate: 300, helloP50: 10 } },
  { id: 'dbos', label: 'DBOS & PostgreSQL', metrics: { helloRate: 200, helloP50: 9 } },
];
const GROWTH = [
  {
    label: 'ours, local',
    chains: [
      { steps: 100, ms: 50 },
      { steps: 5000, ms: 2000 },
    ],
    atOnce: { count: 10_000, perSecond: 812.3, memoryMb: 140 },
    finished: undefined,
  },
];

describe('results of the benchmark', () => {
  it('are medians of what was measured in each run', () => {
    const runs = [{ a: 3, b: 1 }, { a: 1, b: undefined }, { a: 2 }, { a: 10, b: 2, c: undefined }];

    expect(medians(runs)).toEqual({ a: 2.5, b: 1.5, c: undefined });
    expect([percentile([4, 1, 3, 2], 50), percentile([4, 1, 3, 2], 95)]).toEqual([2, 4]);
  });

  it('are compared with the best rival, whichever way is better', () => {
    const [heading, rate, p50, ...others] = resultTable({ columns: COLUMNS });

    expect(heading?.at(-1)).toBe('times better: local, against the better peer');
    expect([rate?.at(-1), p50?.at(-1), others]).toEqual(['3.00', '3.00', []]);
  });

  it('are compared with nobody who was not measured', () => {
    const [heading] = resultTable({ columns: COLUMNS.slice(0, 1) });

    expect(heading).toEqual(['', 'ours, <local>']);
    expect(growthTable({ growth: [] })).toBeUndefined();
  });

  it('are a table in Markdown, as wide in each row', () => {
    const rows = growthTable({ growth: GROWTH }) ?? [];
    const lines = markdownTable(rows).split('\n');

    expect(lines.slice(0, 3)).toEqual([
      '|  | ours, local |',
      '| --- | ---: |',
      '| chain of 100 activities (ms a step) | 0.50 |',
    ]);
    expect(new Set(lines.map((line) => line.split('|').length))).toEqual(new Set([4]));
  });

  it('are a picture whose elements are all closed and whose texts are escaped', () => {
    const svg = chart({ columns: COLUMNS, growth: GROWTH });

    const open: string[] = [];
    for (const [, closing, name = '', rest] of svg.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
      if (closing === '/') expect(open.pop()).toBe(name);
      else if (rest?.endsWith('/') !== true) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg).toContain('ours, &#60;local&#62;');
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});

it.each([
  [['--storage', 'disk'], '--storage disk: there are local, azurite, memory.'],
  [['--runs', '0'], '--runs 0: it is a whole number of at least 1.'],
])('the benchmark refuses %j in one line', (args, line) => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(BENCH, 'run.js'), ...args], {
    encoding: 'utf8',
  });

  expect([status, stderr]).toEqual([1, `${line}\n`]);
});
