/** `func durable rewind`: lets a failed instance try again what failed, and shows what became of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { Option } from 'commander';
import { InstanceNotFoundError, InstanceStateConflictError } from '../../../core/errors.ts';
import type { RuntimeStatus } from '../../../core/instance-status.ts';
import { painted } from '../../output.ts';
import {
  EXIT_FAILURE,
  EXIT_SUCCESS,
  idOption,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';

interface Flags {
  readonly id: string;
  readonly reason?: string;
}

/** How long Core Tools waits before it looks again. */
const LOOK_FOR_MS = 3_000;
const POLL_INTERVAL_MS = 200;

export const rewind: DurableCommand<Flags> = {
  name: 'rewind',
  description: 'let a failed instance go on from before its failure',
  options: () => [idOption(), new Option('--reason <text>', 'why; kept in the history')],
  missingHub: (call) => refuse(call, `No instance with ID '${call.flags.id}' found.`),
  async run(call) {
    const { hub, flags, output } = call;
    const before = await hub.client.findStatus(flags.id, { input: false, output: false });
    try {
      await hub.client.rewind(flags.id, flags.reason ?? null);
    } catch (error) {
      if (error instanceof InstanceNotFoundError || error instanceof InstanceStateConflictError) {
        return refuse(call, error.message);
      }
      throw error;
    }
    if (!flags.json) {
      output.line(`Rewind message sent to instance '${flags.id}'. Retrieving new status now...`);
    }
    const after = await statusAfter(call);
    if (flags.json) {
      const statusBefore = before?.runtimeStatus ?? null;
      output.line(
        JSON.stringify({ instanceId: flags.id, statusBefore, statusAfter: after ?? null }),
      );
    } else if (before !== undefined && after !== undefined) {
      output.line(`${painted(output, 'green', 'Status before rewind: ')}${before.runtimeStatus}`);
      output.line(`${painted(output, 'green', 'Status after rewind: ')}${after}`);
    }
    return EXIT_SUCCESS;
  },
};

function refuse({ output }: DurableCall<Flags>, why: string): number {
  output.error(
    "Orchestration instance not rewound. Must have a status of 'Failed', or an EventType of 'TaskFailed' or 'SubOrchestrationInstanceFailed' to be rewound.",
  );
  output.note(why);
  return EXIT_FAILURE;
}

/** The status once a host has taken the instance up, or that of the moment when the time is up. */
async function statusAfter({ hub, flags }: DurableCall<Flags>): Promise<RuntimeStatus | undefined> {
  const deadline = Date.now() + LOOK_FOR_MS;
  for (;;) {
    const record = await hub.client.findStatus(flags.id, { input: false, output: false });
    const status = record?.runtimeStatus;
    const isTakenUp = status !== 'Failed' && status !== 'Pending';
    if (isTakenUp || Date.now() >= deadline) return status;
    await pause(POLL_INTERVAL_MS);
  }
}
