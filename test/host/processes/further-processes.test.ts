import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FurtherProcesses } from '../../../src/host/processes/further-processes.ts';
import { SharedPort } from '../../../src/host/processes/shared-port.ts';
import { eventually } from '../../support/eventually.ts';

/** Longer than any system takes an argument. */
const TOO_LONG = 'x'.repeat(3_000_000);

let folder: string;
let port: SharedPort;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'processes-'));
  port = await SharedPort.open({ port: 0 });
});

afterEach(async () => {
  port.close();
  await rm(folder, { recursive: true });
});

it('a process that the system refuses to start is tried again, and keeps nobody from ending', async () => {
  const complaints: string[] = [];
  const processes = new FurtherProcesses({
    program: { file: import.meta.filename, nodeArguments: [], debugArguments: [] },
    port,
    firstPauseMs: 1,
    complain: (line) => complaints.push(line),
  });

  processes.start([{ number: 2, args: [TOO_LONG], runRecord: path.join(folder, 'running-2') }]);
  await eventually(() => complaints.length >= 2);
  await processes.drain();

  expect(complaints.slice(0, 2)).toEqual([
    'Process 2 cannot be started: spawn E2BIG. It starts again in 0.001 s; the others go on.',
    'Process 2 cannot be started: spawn E2BIG. It starts again in 0.002 s; the others go on.',
  ]);
});
