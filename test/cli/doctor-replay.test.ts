/** `func durable doctor --replay`: which open instances the app of the folder could not continue, with the host stopped. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import { startFunc } from '../support/func-process.ts';
import { start } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const API = '/runtime/webhooks/durabletask';

function appThatCalls(activity: string): string {
  return `
const df = require('durable-functions');
console.log('the app is loaded');
df.app.activity('Reserve', { handler: () => 'reserved' });
df.app.activity('Pay', { handler: () => 'paid' });
df.app.orchestration('Order', function* (context) {
  yield context.df.callActivity('${activity}');
  return yield context.df.waitForExternalEvent('go');
});
`;
}

let app: ScratchApp;

beforeEach(async () => {
  const durableTask = { storageProvider: { type: 'local' } };
  app = await createScratchApp({
    files: {
      'package.json': { main: 'app.js' },
      'app.js': appThatCalls('Reserve'),
      'host.json': { version: '2.0', extensions: { durableTask } },
    },
    packages: { '@azure/functions': '@azure/functions', 'durable-functions': 'durable-functions' },
  });
  const func = await startFunc({ cwd: app.folder, args: ['--no-reload'] });
  for (const id of ['one', 'two']) {
    await start(`${func.url}${API}/orchestrators/Order/${id}`);
    await eventually(async () => {
      const response = await fetch(`${func.url}${API}/instances/${id}/history`);
      return response.ok && (await response.text()).includes('TaskCompleted');
    });
  }
  await func.stop();
});
afterEach(() => app.remove());

function doctor(...args: string[]) {
  return runCommand(['durable', 'doctor', '--replay', '--quiet-minutes', '1', ...args], {
    cwd: app.folder,
  });
}

describe('func durable doctor --replay', LONG, () => {
  it('says nothing of instances that the code can continue', async () => {
    const { stdout } = await doctor();

    expect(stdout).not.toContain('cannotContinue');
  });

  it('names those that it cannot continue, and what it did not look at', async () => {
    await writeFile(path.join(app.folder, 'app.js'), appThatCalls('Pay'));

    const all = await doctor('--json');
    const some = await doctor('--max-replays', '1');

    expect(all.code).toBe(1);
    const findings = JSON.parse(all.stdout) as {
      kind: string;
      instanceId: string;
      problem: string;
    }[];
    const stuck = findings.filter(({ kind }) => kind === 'cannotContinue');
    expect(stuck.map(({ instanceId }) => instanceId).sort()).toEqual(['one', 'two']);
    expect(stuck[0]?.problem).toMatch(
      /^Today's code cannot continue it: .*'Reserve', but .*'Pay' instead/,
    );
    expect(some.stdout.match(/^\[cannotContinue\]/gm)).toHaveLength(1);
    expect(some.stdout).toMatch(/\[notLookedAt\] Only 1 open instances were replayed/);
  });
});
