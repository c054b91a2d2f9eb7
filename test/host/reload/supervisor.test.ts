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
async function supervise(
  code: string,
  drain = new AbortController().signal,
): Promise<[number, readonly string[]]> {
  const program = path.join(folder, 'host.cjs');
  await writeFile(program, code);
  const complaints: string[] = [];
  const exitCode = await superviseHost({
    program,
    argumentsFor: (_, runRecord) => [runRecord],
    firstPauseMs: 10,
    drain,
    abort: new AbortController().signal,
    say: () => undefined,
    complain: (line) => {
      complaints.push(line);
    },
  });
  return [exitCode, complaints];
}

/** What a process that stands for the host knows: which one it is, and how to say that it came up. */
const HOST = `
  const fs = require('node:fs');
  fs.appendFileSync(__filename + '.generations', '.');
  const generation = fs.statSync(__filename + '.generations').size;
  const started = { kind: 'started', port: 1, broken: [], isWorking: true };
`;

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

    expect(await supervise(dies)).toEqual([1, ['The host ended unexpectedly (SIGKILL).']]);
  });

  it('starts a host again that something ended once it had come up, and says what ran', async () => {
    const dies = `${HOST}
      const crunch = { kind: 'activity', functionName: 'Crunch', instanceId: 'abc' };
      fs.writeFileSync(process.argv[2], JSON.stringify(['begin', 1, 'key', crunch]) + '\\n');
      if (generation < 3) process.send(started, () => process.kill(process.pid, 'SIGKILL'));
      else process.send(started, () => process.send({ kind: 'ending' }, () => process.exit(7)));
    `;

    expect(await supervise(dies)).toEqual([
      7,
      [10, 20].map(
        (pauseMs) =>
          `The host ended unexpectedly (SIGKILL) while activity 'Crunch' of 'abc' ran. It starts again in ${pauseMs / 1000} s.`,
      ),
    ]);
  });

  it('tries again while what was ended does not start', async () => {
    const dies = `${HOST}
      if (generation === 1) process.send(started, () => process.kill(process.pid, 'SIGKILL'));
      else if (generation === 2) process.send({ kind: 'ending' }, () => process.exit(1));
      else process.send(started, () => process.send({ kind: 'ending' }, () => process.exit(0)));
    `;

    expect(await supervise(dies)).toEqual([
      0,
      [
        'The host ended unexpectedly (SIGKILL). It starts again in 0.01 s.',
        'The host does not start. It starts again in 0.02 s.',
      ],
    ]);
  });

  it('starts the first host again that never came up for what it found in the hub', async () => {
    const dies = `${HOST}
      const work = { kind: 'entity', functionName: 'counter', instanceId: '@counter@a' };
      fs.writeFileSync(process.argv[2], JSON.stringify(['begin', 1, 'key', work]) + '\\n');
      if (generation === 1) process.exit(3);
      process.send({ kind: 'ending' }, () => process.exit(0));
    `;

    const [, complaints] = await supervise(dies, AbortSignal.timeout(1_000));

    expect(complaints[0]).toBe(
      "The host ended unexpectedly (exit code 3) while entity '@counter@a' ran. It starts again in 0.01 s.",
    );
  });

  it('ends with the exit code of its host', async () => {
    expect(await supervise('process.exit(7)')).toEqual([7, []]);
  });
});
