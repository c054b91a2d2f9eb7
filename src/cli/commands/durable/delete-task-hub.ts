/**
 * `func durable delete-task-hub`: deletes everything that a hub has in storage. Scripts are not asked, as Core Tools asks
 * nobody; at a terminal the question names the account, because a wrong connection string cannot be undone. A hub that
 * somebody works on is left alone.
 */
import { Option } from 'commander';
import { painted } from '../../output.ts';
import {
  EXIT_FAILURE,
  EXIT_SUCCESS,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';

interface Flags {
  readonly yes?: boolean;
  readonly force?: boolean;
}

export const deleteTaskHub: DurableCommand<Flags> = {
  name: 'delete-task-hub',
  description: 'delete a task hub with all its instances',
  options: () => [
    new Option('-y, --yes', 'do not ask'),
    new Option('--force', 'delete it even while a host works on it'),
  ],
  missingHub: deleteHub,
  run: deleteHub,
};

/** A hub that is not there may have left queues or containers: they go, too. */
async function deleteHub({ hub, flags, output }: DurableCall<Flags>): Promise<number> {
  const what = `task hub '${hub.name}' in ${hub.place}`;
  if (flags.yes !== true && output.ask !== undefined) {
    const answer = await output.ask(`Delete ${what} with all its instances? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) {
      output.error('Nothing was deleted.');
      return EXIT_FAILURE;
    }
  } else {
    output.note(`Deleting ${what}.`);
  }
  await hub.delete({ force: flags.force === true });
  output.line(
    flags.json
      ? JSON.stringify({ taskHub: hub.name, deleted: true })
      : painted(output, 'green', `Task hub '${hub.name}' successfully deleted.`),
  );
  return EXIT_SUCCESS;
}
