// Where results go: the screen, bench/results, and, when asked, the page in docs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as prettier from 'prettier';
import { chart } from './chart.js';
import { root } from './engines.js';
import {
  growthTable,
  markdownTable,
  resultTable,
  screenTable,
  workersTable,
  workTable,
} from './tables.js';

const BEGIN = '<!-- what the benchmark writes begins here -->';
const END = '<!-- what the benchmark writes ends here -->';

export function describeMachine() {
  const [first] = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpus: os.availableParallelism(),
    model: first?.model.trim() ?? 'unknown',
    /** Of the minute before: what else the machine was doing. */
    load: os.loadavg()[0],
  };
}

export async function report(results, { writesDocs }) {
  console.log(`\n${describeRun(results)}`);
  for (const table of tablesOf(results)) console.log(`\n${screenTable(table)}`);
  const folder = path.join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'latest.json'), JSON.stringify(results, null, 2));
  writeFileSync(path.join(folder, 'latest.md'), markdown(results));
  writeFileSync(path.join(folder, 'latest.svg'), chart(results));
  console.log('\nwritten: bench/results/latest.json, latest.md, latest.svg');
  if (writesDocs) await writeDocs(results);
}

function describeRun({ machine, isQuick, runs }) {
  const how = isQuick ? 'a quick run' : `medians of ${runs} runs`;
  const where = `${machine.date}, Node ${machine.node}, ${machine.cpus} cores (${machine.model})`;
  const isBusy = machine.load > machine.cpus / 2;
  const warning = `; the machine was busy with other work (load ${machine.load.toFixed(1)}), which makes all figures worse and ratios unsure`;
  return `${how}, ${where}${isBusy ? warning : ''}`;
}

function tablesOf(results) {
  const ofEngines = results.columns.length > 0 ? [resultTable(results)] : [];
  const tables = [...ofEngines, growthTable(results), workTable(results), workersTable(results)];
  return tables.filter((table) => table !== undefined);
}

function markdown(results) {
  const parts = [`Measured: ${describeRun(results)}.`, ...tablesOf(results).map(markdownTable)];
  return `${parts.join('\n\n')}\n`;
}

/** The workers have a page of their own. What was not measured stays as it is. */
async function writeDocs({ workers, ...results }) {
  if (results.columns.length > 0) {
    await writeInto('docs/performance.md', markdown(results));
    writeFileSync(path.join(root, 'docs/performance.svg'), chart(results));
    console.log('written: docs/performance.svg');
  }
  if (workers.length > 0) {
    const only = { ...results, workers, columns: [], growth: [], engineWork: [] };
    await writeInto('docs/scaling.md', markdown(only));
  }
}

async function writeInto(name, text) {
  const page = path.join(root, name);
  const before = readFileSync(page, 'utf8');
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${page} has no place for the results: ${BEGIN}`);
  const written = `${before.slice(0, begin)}${BEGIN}\n\n${text}\n${before.slice(end)}`;
  const style = await prettier.resolveConfig(page);
  writeFileSync(page, await prettier.format(written, { ...style, filepath: page }));
  console.log(`written: ${name}`);
}
