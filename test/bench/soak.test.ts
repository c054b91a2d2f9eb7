/** The soak itself runs for minutes, by hand; here a few seconds of it, and that it would see what it looks for. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../support/func-process.ts';
import { LocalHub, removeFolder, TASK_HUB, temporaryFolder } from '../support/local-hub.ts';
import { LONG } from '../support/patience.ts';

const SOAK = path.join(REPOSITORY, 'bench/soak');

/** It is plain JavaScript. */
async function load<Exports>(file: string): Promise<Exports> {
  return (await import(path.join(SOAK, file))) as Exports;
}

const { problemOf } = await load<{ problemOf: (instance: object) => string | undefined }>(
  'work.js',
);
const { countStored } = await load<{
  countStored: (storage: { readonly folder: string }, hub: string) => Promise<object>;
}>('stored.js');

it('finds nothing wrong in a hub whose host is killed', LONG, async () => {
  const options = ['--minutes', '0.1', '--kill-every', '3s', '--in-flight', '8'];
  const soak = spawn(process.execPath, [path.join(SOAK, 'run.js'), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

  const lines = (await text(soak.stdout)).trimEnd().split('\n');

  expect(lines.at(-1)).toMatch(/^0 wrong, 0 stuck, 0 orphans; seed \d+$/);
  expect(lines.at(-2)).toMatch(/^\d+ instances \(.*\), [1-9]\d* kills, \d+ freezes$/);
});

it('sees outcomes that are wrong', () => {
  const chain = { name: 'Chain', input: { steps: 2 }, runtimeStatus: 'Completed' };

  expect(problemOf({ ...chain, output: 5 })).toBeUndefined();
  expect(problemOf({ ...chain, output: 4 })).toContain('should be {"runtimeStatus":"Completed"');
  expect(problemOf({ ...chain, runtimeStatus: 'Failed', output: 5 })).toContain('should be');
});

it('sees what is left in a hub', async () => {
  const folder = temporaryFolder();
  const hub = new LocalHub(folder);
  await hub.start();
  const before = await countStored({ folder }, TASK_HUB);
  await hub.client.start({ name: 'Nobody', input: JSON.stringify('long'.repeat(1000)) });

  const after = await countStored({ folder }, TASK_HUB);
  await hub.stop();
  removeFolder(folder);

  expect(before).toEqual({ messages: 0, instances: 0, histories: 0, payloads: 0 });
  expect(after).toEqual({ messages: 1, instances: 1, histories: 0, payloads: 1 });
});
