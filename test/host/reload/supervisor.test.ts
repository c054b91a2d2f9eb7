import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { superviseHost } from '../../../src/host/reload/supervisor.ts';
import { eventually } from '../../support/eventually.ts';
import { patient } from '../../support/patience.ts';

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
    program: { file: program, nodeArguments: [], debugArguments: [] },
    argumentsFor: ({ runRecord, processNumber }) => [runRecord, String(processNumber)],
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

    const [, complaints] = await supervise(dies, AbortSignal.timeout(patient(1_000)));

    expect(complaints[0]).toBe(
      "The host ended unexpectedly (exit code 3) while entity '@counter@a' ran. It starts again in 0.01 s.",
    );
  });

  it('has further processes beside the first, starts each again alone, and ends them with it', async () => {
    const program = `${HOST}
      const [, , , number] = process.argv;
      const note = (text) => fs.appendFileSync(__filename + '.notes', number + ' ' + text + '\\n');
      process.on('message', ({ kind }) => {
        if (kind === 'portOpen') process.send({ ...started, port: 0 });
        if (kind === 'drain') { note('drains'); process.send({ kind: 'ending' }, () => process.exit(0)); }
      });
      if (number === '1') process.send({ kind: 'configured', app: { isEnabled: false }, processCount: 3 });
      process.send({ kind: 'portWanted', port: 0 });
      const lives = fs.existsSync(__filename + '.lives');
      if (number === '2' && !lives) { fs.writeFileSync(__filename + '.lives', ''); setTimeout(() => process.exit(4), 50); }
      note('runs');
      setTimeout(() => undefined, 60_000);
    `;
    const stop = new AbortController();
    const notes = path.join(folder, 'host.cjs.notes');
    const supervised = supervise(program, stop.signal);
    await eventually(async () => (await readFile(notes, 'utf8')).split('\n').length === 5);
    stop.abort();

    const [exitCode, complaints] = await supervised;
    const lines = (await readFile(notes, 'utf8')).trim().split('\n').sort();

    expect(exitCode).toBe(0);
    expect(complaints).toEqual([
      'Process 2 ended unexpectedly (exit code 4). It starts again in 0.01 s; the others go on.',
    ]);
    expect(lines).toEqual([
      ...['1 drains', '1 runs', '2 drains', '2 runs', '2 runs', '3 drains', '3 runs'],
    ]);
  });

  it('ends with the exit code of its host', async () => {
    expect(await supervise('process.exit(7)')).toEqual([7, []]);
  });
});
