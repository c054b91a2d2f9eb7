/**
 * `func durable purge-history`: deletes finished instances. Differences on purpose: instances that are not finished are
 * never deleted (Core Tools deletes them, too, when no status is given), and `--id` names one instance.
 */
import { Option } from 'commander';
import { InvalidInputError } from '../../../core/errors.ts';
import { isTerminal, type RuntimeStatus } from '../../../core/instance-status.ts';
import { netText } from '../../../base/net-time.ts';
import { painted } from '../../output.ts';
import { countedProgress } from './counted-progress.ts';
import { EXIT_SUCCESS, type DurableCall, type DurableCommand } from './durable-command.ts';
import { statusOption, timeOption } from './option-values.ts';
import { recursiveOption } from './steering.ts';

interface Flags {
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  readonly runtimeStatus?: readonly RuntimeStatus[];
  readonly id?: string;
  readonly recursive?: boolean;
}

/** The first moment that the table service knows. */
const EARLIEST = new Date('1601-01-01T00:00:00Z');
/** What Core Tools shows when no time is given: DateTime.MinValue, and DateTime.MaxValue less a day. */
const EARLIEST_TEXT = '01/01/0001 00:00:00';
const LATEST_TEXT = '12/30/9999 23:59:59';

interface Purged {
  readonly instancesDeleted: number;
  /** undefined where rows are not counted. */
  readonly rowsDeleted?: number;
}

export const purgeHistory: DurableCommand<Flags> = {
  name: 'purge-history',
  description: 'delete finished instances with their histories',
  options: () => [
    timeOption('created-after', 'created at this time (UTC) or later'),
    timeOption('created-before', 'created at this time (UTC) or earlier'),
    statusOption(
      'with one of these statuses: completed, terminated, canceled, failed (default: all of them)',
    ),
    new Option('--id <id>', 'this instance only'),
    recursiveOption('with --id: purge'),
  ],
  missingHub: (call) => print(call, { instancesDeleted: 0, rowsDeleted: 0 }),
  async run(call) {
    check(call.flags);
    const { hub, flags, output } = call;
    output.note(`Purging task hub '${hub.name}' in ${hub.place}.`);
    return print(
      call,
      flags.id === undefined ? await purgeAll(call) : await purgeOne(call, flags.id),
    );
  },
};

function check({ id, createdAfter, createdBefore, runtimeStatus, recursive }: Flags): void {
  const open = (runtimeStatus ?? []).filter((status) => !isTerminal(status));
  if (open.length > 0) {
    throw new InvalidInputError(
      `Instances that are ${open.join(' or ')} are not finished and cannot be purged; nothing was. Terminate them first.`,
    );
  }
  if (id !== undefined && (createdAfter ?? createdBefore ?? runtimeStatus) !== undefined) {
    throw new InvalidInputError('--id names one instance: leave out times and statuses with it.');
  }
  if (id === undefined && recursive === true) {
    throw new InvalidInputError('--recursive is for one instance and its children: give its --id.');
  }
}

async function purgeAll({ hub, flags, output }: DurableCall<Flags>): Promise<Purged> {
  let instancesDeleted = 0;
  let rowsDeleted = 0;
  const progress = countedProgress(output, 'instances deleted');
  const { createdAfter, createdBefore } = flags;
  await hub.client.purgeBy({
    createdTimeFrom:
      createdAfter !== undefined && createdAfter > EARLIEST ? createdAfter : EARLIEST,
    ...(createdBefore && { createdTimeTo: createdBefore }),
    runtimeStatuses: flags.runtimeStatus ?? [],
    onPurged: (purged) => {
      instancesDeleted++;
      rowsDeleted += purged.recordsDeleted;
      progress.at(instancesDeleted);
    },
  });
  progress.end();
  return { instancesDeleted, rowsDeleted };
}

async function purgeOne({ hub, flags }: DurableCall<Flags>, id: string): Promise<Purged> {
  if (flags.recursive !== true) return { instancesDeleted: await hub.client.purge(id) };
  return { instancesDeleted: (await hub.client.trees.purge(id)).instances.length };
}

function print({ flags, output }: DurableCall<Flags>, purged: Purged): number {
  if (flags.json) {
    output.line(JSON.stringify(purged));
    return EXIT_SUCCESS;
  }
  output.line(painted(output, 'green', purgedText(flags)));
  output.line(`Instances deleted: ${purged.instancesDeleted}`);
  if (purged.rowsDeleted !== undefined) output.line(`Rows deleted: ${purged.rowsDeleted}`);
  return EXIT_SUCCESS;
}

function purgedText({ id, createdAfter, createdBefore, runtimeStatus }: Flags): string {
  if (id !== undefined) return `Purged orchestration history for instance '${id}'`;
  const from = createdAfter === undefined ? EARLIEST_TEXT : netText(createdAfter.toISOString());
  const to = createdBefore === undefined ? LATEST_TEXT : netText(createdBefore.toISOString());
  const text = `Purged orchestration history for all instances created between '${from}' and '${to}'`;
  if (runtimeStatus === undefined) return text;
  return `${text} and whose runtime status matched one of the following: [${runtimeStatus.join(',')}]`;
}
