import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppWatch } from '../../../src/host/reload/app-watch.ts';
import { eventually } from '../../support/eventually.ts';
import { createScratchApp, type ScratchApp } from '../../support/scratch-app.ts';

let app: ScratchApp;
let watch: AppWatch;
afterEach(async () => {
  await watch.close();
  await app.remove();
});

/** Begins to watch an app; what it answers grows with each change that is told of. */
async function watched(files: Readonly<Record<string, string>>): Promise<string[][]> {
  app = await createScratchApp({ files });
  const told: string[][] = [];
  const sinceMs = Date.now();
  await eventually(() => Date.now() > sinceMs + 50); // A file system's clock is coarse.
  watch = new AppWatch({
    app: {
      scriptRoot: app.folder,
      settingFiles: [inApp('host.json')],
      directories: [],
      fileNames: [],
      isEnabled: true,
    },
    sinceMs: Date.now(),
    onChange: (changed) => told.push(changed.map((file) => path.relative(app.folder, file))),
    onError: (error) => {
      throw error;
    },
  });
  return told;
}

function inApp(name: string): string {
  return path.join(app.folder, name);
}

describe('the watch over an app', () => {
  it('tells once of several files that are written together', async () => {
    const told = await watched({ 'a.js': '1', 'b.js': '1', 'notes.txt': '' });

    await writeFile(inApp('notes.txt'), 'nothing that counts');
    await writeFile(inApp('a.js'), '22');
    await writeFile(inApp('b.js'), '22');

    await eventually(() => told.length > 0);
    expect(told.map((files) => files.sort())).toEqual([['a.js', 'b.js']]);
  });

  it('tells of a file that came while it began, and of none that was there', async () => {
    const told = await watched({ 'a.js': '1' });

    await writeFile(inApp('late.js'), '1');

    await eventually(() => told.length > 0);
    expect(told.flat()).toEqual(['late.js']);
  });

  it('tells of an old file that is moved in, and of one that goes', async () => {
    const told = await watched({ 'a.js': '1', 'b.txt': '1' });
    await utimes(inApp('b.txt'), 1_000_000, 1_000_000);
    await rename(inApp('b.txt'), inApp('b.mjs'));
    await eventually(() => told.flat().includes('b.mjs'));

    await rm(inApp('a.js'));

    await eventually(() => told.flat().includes('a.js'));
  });
});
