import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { superviseHost } from '../../../src/host/reload/supervisor.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'supervisor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** @param code of the process that stands for the host. */
async function supervise(code: string, drain: AbortSignal): Promise<[number, readonly string[]]> {
  const program = path.join(folder, 'host.cjs');
  await writeFile(program, code);
  const complaints: string[] = [];
  const exitCode = await superviseHost({
    program,
    argumentsFor: () => [],
    drain,
    abort: new AbortController().signal,
    say: () => undefined,
    complain: (line) => {
      complaints.push(line);
    },
  });
  return [exitCode, complaints];
}

describe('superviseHost', () => {
  it.each(['SIGINT', 'SIGTERM'])(
    'ends well when %s ends a host that did not listen for it yet',
    async (signal) => {
      const dies = `process.on('message', () => process.kill(process.pid, '${signal}'));`;

      expect(await supervise(dies, AbortSignal.abort())).toEqual([0, []]);
    },
  );

  it('fails, and says so, when something else kills the host', async () => {
    const dies = `process.kill(process.pid, 'SIGKILL');`;

    expect(await supervise(dies, new AbortController().signal)).toEqual([
      1,
      ['The host ended unexpectedly (SIGKILL).'],
    ]);
  });

  it('ends with the exit code of its host', async () => {
    expect(await supervise('process.exit(7)', new AbortController().signal)).toEqual([7, []]);
  });
});
