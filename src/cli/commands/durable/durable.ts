/** `func durable`: its commands, as Core Tools has them, then ours. */
import type { Command } from 'commander';
import type { Output } from '../../output.ts';
import { deleteTaskHub } from './delete-task-hub.ts';
import { commonOptions, type CommonFlags, type DurableCommand } from './durable-command.ts';
import { doctor } from './doctor.ts';
import { exportTaskHub } from './export.ts';
import { getHistory } from './get-history.ts';
import { getInstances } from './get-instances.ts';
import { getRuntimeStatus } from './get-runtime-status.ts';
import { importTaskHub } from './import.ts';
import { poisonCommands } from './poison.ts';
import { purgeHistory } from './purge-history.ts';
import { raiseEvent } from './raise-event.ts';
import { restart } from './restart.ts';
import { rewind } from './rewind.ts';
import { startNew } from './start-new.ts';
import { resume, suspend } from './steering.ts';
import { terminate } from './terminate.ts';
import { tree } from './tree.ts';

/** @param done is told the exit code. */
export function addDurable(
  program: Command,
  output: Output,
  done: (exitCode: number) => void,
): void {
  const durable = program
    .command('durable')
    .description('commands for working with Durable Functions');
  const add = <Flags>(command: DurableCommand<Flags>, group = durable): void => {
    const subcommand = group
      .command(command.name)
      .description(command.description)
      .allowExcessArguments(false)
      .action(async (flags: Flags & CommonFlags) => {
        // The clients of storage take longer to load than everything else.
        const { runDurable } = await import('./run-durable.ts');
        done(await runDurable(command, flags, output));
      });
    const own = command.options();
    // One of its own wins over a common one of the same name.
    const common = commonOptions().filter(({ long }) =>
      own.every((option) => option.long !== long),
    );
    for (const option of [...own, ...common]) subcommand.addOption(option);
  };
  add(startNew);
  add(getRuntimeStatus);
  add(getHistory);
  add(getInstances);
  add(raiseEvent);
  add(terminate);
  add(rewind);
  add(purgeHistory);
  add(deleteTaskHub);
  add(suspend);
  add(resume);
  add(restart);
  add(tree);
  add(exportTaskHub);
  add(importTaskHub);
  add(doctor);
  const poison = durable
    .command('poison')
    .description('messages that were tried in vain and set aside (docs/poison.md)');
  add(poisonCommands.list, poison);
  add(poisonCommands.show, poison);
  add(poisonCommands.replay, poison);
  add(poisonCommands.drop, poison);
}
