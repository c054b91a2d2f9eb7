/** `func durable export`: the whole task hub, running instances included, as a file that `import` reads. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { InvalidInputError } from '../../../core/errors.ts';
import { exportHub, type ExportReport } from '../../../engine/archive/export-hub.ts';
import { countedProgress } from './counted-progress.ts';
import { EXIT_SUCCESS, type DurableCall, type DurableCommand } from './durable-command.ts';

interface Flags {
  readonly output: string;
  readonly force?: boolean;
}

export const exportTaskHub: DurableCommand<Flags> = {
  name: 'export',
  description: 'write the whole task hub, running instances included, to a file',
  options: () => [
    new Option('--output <file>', 'the file, JSON lines').makeOptionMandatory(),
    new Option(
      '--force',
      'even while a host works on it, and without messages that cannot be read',
    ),
  ],
  missingHub: 'fail',
  async run(call) {
    const { hub, flags, folder, output } = call;
    if (flags.force !== true) await hub.refuseWhileInUse('nothing was exported');
    const file = path.resolve(folder, flags.output);
    const report = await write(file, call);
    const { instances, events, messages, leftOut, setAside } = report;
    if (leftOut > 0) {
      output.note(
        `${leftOut} messages are hidden in their queues, and are left out: those of a host that was killed a moment ago, or that are tried again later, and signals that a client scheduled for a later time.`,
      );
    }
    if (setAside > 0) {
      output.note(
        `${setAside} messages that were set aside are left out: see func durable poison list, and put them back or drop them before the hub is moved.`,
      );
    }
    output.line(
      flags.json
        ? JSON.stringify({ taskHub: hub.name, file, ...report })
        : `Exported ${instances} instances with ${events} events, and ${messages} messages, to ${file}.`,
    );
    return EXIT_SUCCESS;
  },
};

/** Under another name until it is whole and on the disk. */
async function write(
  file: string,
  { hub, flags, output }: DurableCall<Flags>,
): Promise<ExportReport> {
  const unfinished = `${file}.unfinished`;
  const progress = countedProgress(output, 'instances exported');
  try {
    const stream = createWriteStream(unfinished);
    await once(stream, 'open');
    const report = await exportHub({
      hub: hub.backend,
      taskHub: hub.name,
      ambient: { now: Date.now, newId: randomUUID },
      leavesOut: flags.force === true,
      async write(line) {
        if (stream.errored) throw stream.errored;
        if (!stream.write(`${line}\n`)) await once(stream, 'drain');
      },
      progress: ({ instances }) => {
        progress.at(instances);
      },
    });
    progress.end();
    stream.end();
    await once(stream, 'close');
    await onDisk(unfinished);
    await rename(unfinished, file);
    return report;
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof Error && 'syscall' in error) {
      throw new InvalidInputError(`The file ${file} cannot be written: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

async function onDisk(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
