/** An activity that stands at a barrier until the test opens it: what a worker is doing when it is killed. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ScratchApp } from '../scratch-app.ts';

const BEGUN = 'begun.txt';
const OPEN = 'open.txt';

/** Its code, in both programming models and both module systems. The worker's working directory is the app's folder. */
export const AT_BARRIER = `
async function atBarrier(name) {
  const { appendFileSync, existsSync } = process.getBuiltinModule('node:fs');
  appendFileSync('${BEGUN}', name + '\\n');
  while (!existsSync('${OPEN}')) await new Promise((resolve) => setTimeout(resolve, 50));
  return name + ' has passed';
}
`;

/** What came to the barrier, in its order, in all workers of the app. @throws {Error} when nothing has come. */
export async function cameToBarrier(app: ScratchApp): Promise<readonly string[]> {
  const text = await readFile(path.join(app.folder, BEGUN), 'utf8');
  return text.trim().split('\n');
}

/** Lets through what stands there, and what comes later. */
export async function openBarrier(app: ScratchApp): Promise<void> {
  await writeFile(path.join(app.folder, OPEN), '');
}
