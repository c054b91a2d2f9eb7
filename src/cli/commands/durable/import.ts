/** `func durable import`: brings a task hub that `export` wrote, running instances included; the next host goes on with them. */
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { InvalidInputError } from '../../../core/errors.ts';
import type { ArchiveCounts } from '../../../engine/archive/archive-lines.ts';
import { importHub } from '../../../engine/archive/import-hub.ts';
import { countedProgress } from './counted-progress.ts';
import { EXIT_SUCCESS, type DurableCommand } from './durable-command.ts';

interface Flags {
  readonly input: string;
  readonly merge?: boolean;
}

export const importTaskHub: DurableCommand<Flags> = {
  name: 'import',
  description: 'bring a task hub that export wrote into this one',
  options: () => [
    new Option('--input <file>', 'the file that export wrote').makeOptionMandatory(),
    new Option('--merge', 'into a hub that has other instances already'),
  ],
  missingHub: 'create',
  async run({ hub, flags, folder, output }) {
    await hub.refuseWhileInUse('nothing was imported');
    const file = path.resolve(folder, flags.input);
    await checkReadable(file);
    const checking = countedProgress(output, 'instances checked');
    const importing = countedProgress(output, 'instances and messages imported');
    const counts = await importHub({
      hub: hub.backend,
      lines: () => createInterface({ input: createReadStream(file), crlfDelay: Infinity }),
      merges: flags.merge === true,
      progress: (done, total) => {
        if (total === undefined) checking.at(done.instances);
        else importing.at(sizeOf(done), sizeOf(total));
      },
    });
    importing.end();
    const { instances, events, messages } = counts;
    output.line(
      flags.json
        ? JSON.stringify({ taskHub: hub.name, file, ...counts })
        : `Imported ${instances} instances with ${events} events, and ${messages} messages, into task hub '${hub.name}' in ${hub.place}.`,
    );
    return EXIT_SUCCESS;
  },
};

function sizeOf({ instances, messages }: ArchiveCounts): number {
  return instances + messages;
}

/** @throws {InvalidInputError} */
async function checkReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new InvalidInputError(
      `The file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
