/**
 * `func durable get-instances`: the first instances that match, in the order of storage, and where the next ones begin. A table on a
 * terminal; what Core Tools prints for everybody else.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Option } from 'commander';
import { InvalidInputError } from '../../../core/errors.ts';
import type { RuntimeStatus } from '../../../core/instance-status.ts';
import { countedProgress } from './counted-progress.ts';
import { EXIT_SUCCESS, type DurableCall, type DurableCommand } from './durable-command.ts';
import { instanceList, instanceListJson, type InstanceList } from './instance-list.ts';
import { instanceTable } from './instance-table.ts';
import { countOption, statusOption, timeOption } from './option-values.ts';

interface Flags {
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  readonly runtimeStatus?: readonly RuntimeStatus[];
  readonly name?: string;
  readonly idPrefix?: string;
  readonly top: number;
  readonly continuationToken?: string;
  readonly watch?: boolean;
}

const WATCH_EVERY_MS = 2_000;

export const getInstances: DurableCommand<Flags> = {
  name: 'get-instances',
  description: 'list instances',
  options: () => [
    timeOption('created-after', 'created at this time (UTC) or later'),
    timeOption('created-before', 'created at this time (UTC) or earlier'),
    statusOption('with one of these statuses, such as "completed failed" (default: all)'),
    new Option('--name <name>', 'of this orchestrator only'),
    idPrefixOption(),
    countOption('--top <number>', 'at most so many', { min: 1, max: 1_000_000 }).default(10),
    new Option('--continuation-token <token>', 'go on where an earlier list ended'),
    new Option('--watch', 'show them anew every 2 seconds, until Ctrl+C'),
  ],
  async missingHub(call) {
    check(call);
    await listOf(call, printing(call)).end(undefined);
    return EXIT_SUCCESS;
  },
  async run(call) {
    check(call);
    const { flags, output } = call;
    if (flags.watch !== true) {
      await list(call, listOf(call, printing(call)));
      return EXIT_SUCCESS;
    }
    for (;;) {
      const lines: string[] = [];
      await list(
        call,
        listOf(call, (line) => lines.push(line)),
      );
      output.screen(lines);
      await pause(WATCH_EVERY_MS);
    }
  },
};

/** Not the flag `prefix`, which is a folder to every command. */
function idPrefixOption(): Option {
  const option = new Option('--prefix <text>', 'whose ids begin so');
  option.attributeName = () => 'idPrefix';
  return option;
}

function check({ flags, folder, output }: DurableCall<Flags>): void {
  const { watch, idPrefix: prefix, json } = flags;
  if (watch === true && (output.columns === undefined || json === true)) {
    throw new InvalidInputError(
      '--watch draws on a terminal: leave it out where the output goes to a file or a program.',
    );
  }
  // With every other command it is the folder of the app, as Core Tools has it.
  if (prefix !== undefined && existsSync(path.resolve(folder, prefix, 'host.json'))) {
    throw new InvalidInputError(
      `--prefix ${prefix} is the beginning of ids here, and there is a folder of that name: the folder of the app is --script-root.`,
    );
  }
}

async function list({ hub, flags, output }: DurableCall<Flags>, into: InstanceList): Promise<void> {
  let count = 0;
  const progress = flags.watch === true ? undefined : countedProgress(output, 'instances');
  let token = flags.continuationToken === '' ? undefined : flags.continuationToken;
  do {
    const page = await hub.client.list({
      ...(flags.createdAfter && { createdTimeFrom: flags.createdAfter }),
      ...(flags.createdBefore && { createdTimeTo: flags.createdBefore }),
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.idPrefix !== undefined && { instanceIdPrefix: flags.idPrefix }),
      runtimeStatuses: flags.runtimeStatus ?? [],
      pageSize: flags.top - count,
      includeInput: into.showsPayloads,
      includeOutput: into.showsPayloads,
      ...(token !== undefined && { continuationToken: token }),
    });
    progress?.end();
    for (const record of page.instances) await into.add(record);
    count += page.instances.length;
    token = page.continuationToken;
    if (token !== undefined) progress?.at(count);
  } while (token !== undefined && count < flags.top);
  progress?.end();
  await into.end(token);
}

function printing({ output }: DurableCall<Flags>): (line: string) => void {
  return (line) => {
    output.line(line);
  };
}

function listOf({ flags, output }: DurableCall<Flags>, say: (line: string) => void): InstanceList {
  if (flags.json) return instanceListJson(output);
  if (output.columns === undefined) return instanceList(output);
  return instanceTable(output, say);
}
