/** `func start --storage local`: the hub is in a folder, whatever becomes of the process, and others use it beside the host. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import {
  freePort,
  type FuncProcess,
  REPOSITORY,
  runFunc,
  startFunc,
} from '../support/func-process.ts';
import type { InstanceStatus } from '../support/instances.ts';
import { removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { IS_IN_FULL } from '../support/in-full.ts';
import { LONG_MS } from '../support/patience.ts';

const APP = path.join(REPOSITORY, 'samples/javascript');
const API = '/runtime/webhooks/durabletask';
const ROUNDS = IS_IN_FULL ? 20 : 6;
const IN_FLIGHT = 20;

let folder: string;
const running = new Set<FuncProcess>();

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  for (const host of running) {
    host.signal('SIGKILL');
    await host.exited;
  }
  running.clear();
  removeFolder(folder);
});

function settings(): Readonly<Record<string, string>> {
  const provider = 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__';
  return { [`${provider}path`]: folder, [`${provider}type`]: 'local' };
}

async function startHost(): Promise<FuncProcess> {
  const host = await startFunc({
    cwd: APP,
    args: ['--storage', 'local', '--no-reload'],
    env: settings(),
  });
  running.add(host);
  return host;
}

async function startInstance(url: string): Promise<string> {
  const response = await fetch(`${url}${API}/orchestrators/E1_HelloSequence`, { method: 'POST' });
  return ((await response.json()) as { id: string }).id;
}

async function statusOf(url: string, instanceId: string): Promise<InstanceStatus> {
  const response = await fetch(`${url}${API}/instances/${instanceId}`);
  return (await response.json()) as InstanceStatus;
}

/** Starts instances until the host is gone. @param acknowledged gets each id that it answered. */
async function load({ url }: FuncProcess, acknowledged: string[]): Promise<void> {
  try {
    for (;;) acknowledged.push(await startInstance(url));
  } catch {
    // It was killed.
  }
}

describe('a host whose hub is in a folder', () => {
  it(
    `loses nothing that it acknowledged, killed ${ROUNDS} times under load`,
    { timeout: 10 * LONG_MS },
    async () => {
      const acknowledged: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const host = await startHost();
        const before = acknowledged.length;
        const lanes = Array.from({ length: IN_FLIGHT }, () => load(host, acknowledged));
        // Each time at another moment of its work.
        await eventually(() => acknowledged.length > before + 10 + 7 * round, { intervalMs: 1 });
        host.signal('SIGKILL');
        await host.exited;
        running.delete(host);
        await Promise.all(lanes);
      }

      const { url } = await startHost();

      for (const instanceId of acknowledged) {
        await eventually(
          async () => (await statusOf(url, instanceId)).runtimeStatus === 'Completed',
          { timeoutMs: 60_000 },
        );
      }
      const { output } = await statusOf(url, acknowledged.at(-1) ?? '');
      expect(output).toEqual(['Hello Tokyo!', 'Hello Seattle!', 'Hello London!']);
      expect(acknowledged.length).toBeGreaterThan(ROUNDS * 20);
    },
  );

  it(
    'is the only one that works on it; the second one names it',
    { timeout: LONG_MS },
    async () => {
      const host = await startHost();

      const second = await runFunc({
        port: await freePort(),
        cwd: APP,
        args: ['--storage', 'local', '--no-reload'],
        env: settings(),
      });

      expect(second.code).toBe(1);
      expect(second.stderr.trim().split('\n')).toHaveLength(1);
      expect(second.stderr).toMatch(
        /^Another host works on the task hub in .*: process \d+ on \S+, since 20\S+Z\. A folder is for one host: /,
      );
      const { exited } = host;
      host.signal('SIGKILL');
      await exited;
      running.delete(host);
      const { url } = await startHost();
      expect((await fetch(`${url}${API}/instances`)).status).toBe(200);
    },
  );

  it('hears of what func durable does beside it', { timeout: LONG_MS }, async () => {
    const { url } = await startHost();
    const durable = (...args: readonly string[]) =>
      runCommand(['durable', ...args], { cwd: APP, env: settings() });

    const name = 'E3_Approval';
    await durable('start-new', '--function-name', name, '--id', 'approval-1');
    await eventually(async () => (await statusOf(url, 'approval-1')).runtimeStatus === 'Running');
    await durable('terminate', '--id', 'approval-1', '--reason', 'enough');
    await eventually(
      async () => (await statusOf(url, 'approval-1')).runtimeStatus === 'Terminated',
    );

    const listed = await durable('get-instances');
    expect(listed.stdout).toContain('approval-1');
    const refused = await durable('delete-task-hub');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('owns the hub')]);
    await durable('purge-history');
    expect((await fetch(`${url}${API}/instances/approval-1`)).status).toBe(404);
  });

  it(
    'keeps its keys, and what it knows of timers, beside the hub',
    { timeout: LONG_MS },
    async () => {
      const host = await startFunc({
        cwd: APP,
        args: ['--storage', 'local', '--no-reload', '--enable-auth'],
        env: settings(),
      });
      running.add(host);

      expect(existsSync(path.join(folder, 'host-keys', 'host.json'))).toBe(true);
      expect(
        existsSync(path.join(folder, 'timer-status', 'Host.Functions.PurgeOldInstances.json')),
      ).toBe(true);
    },
  );
});
