/** Runs one command of `func durable`: configuration, hub, command, and the words for what goes wrong. */
import { DurableError } from '../../../core/errors.ts';
import { openTaskHub, type OpenTaskHub } from '../../../host/open-task-hub.ts';
import type { Output } from '../../output.ts';
import {
  EXIT_FAILURE,
  type CommonFlags,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { folderOf, loadDurableConfig } from './durable-config.ts';

/** @returns the exit code. */
export async function runDurable<Flags>(
  command: DurableCommand<Flags>,
  flags: Flags & CommonFlags,
  output: Output,
): Promise<number> {
  try {
    const { store, hubName } = await loadDurableConfig(flags, output);
    const hub = await openTaskHub({
      hubName,
      store,
      mayStartEmulator: command.missingHub === 'create',
      say: (line) => {
        output.note(line);
      },
    });
    try {
      return await runOn(hub, command, { hub, flags, folder: folderOf(flags), output });
    } finally {
      await hub.close();
    }
  } catch (error) {
    output.progress('');
    if (!(error instanceof DurableError)) throw error;
    output.error(flags.debug === true ? (error.stack ?? error.message) : error.message);
    return EXIT_FAILURE;
  }
}

async function runOn<Flags>(
  hub: OpenTaskHub,
  command: DurableCommand<Flags>,
  call: DurableCall<Flags>,
): Promise<number> {
  if (!(await hub.exists())) {
    const { missingHub } = command;
    if (missingHub === 'create') {
      await hub.create();
      return command.run(call);
    }
    const text = `The task hub '${hub.name}' does not exist in ${hub.place}.`;
    if (missingHub === 'fail') {
      call.output.error(text);
      return EXIT_FAILURE;
    }
    call.output.note(text);
    return missingHub(call);
  }
  return command.run(call);
}
