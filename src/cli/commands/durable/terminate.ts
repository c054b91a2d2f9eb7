/**
 * `func durable terminate`: asks an instance to end and waits until it has. Without a host nobody acts on the message, and
 * the command fails when the time is up, as in Core Tools; unlike there, an unknown id gets no message that could meet an
 * instance started later.
 */
import { Option } from 'commander';
import { isTerminal, type RuntimeStatus } from '../../../core/instance-status.ts';
import { painted } from '../../output.ts';
import {
  EXIT_FAILURE,
  EXIT_SUCCESS,
  idOption,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { countOption } from './option-values.ts';
import { recursiveOption, reportTree } from './steering.ts';

interface Flags {
  readonly id: string;
  readonly reason?: string;
  readonly recursive?: boolean;
  readonly wait: number;
}

const POLL_INTERVAL_MS = 250;

export const terminate: DurableCommand<Flags> = {
  name: 'terminate',
  description: 'end an instance that runs',
  options: () => [
    idOption(),
    new Option('--reason <text>', 'why; becomes the output of the instance'),
    recursiveOption('terminate'),
    countOption('--wait <seconds>', 'how long to wait for the end', { min: 0, max: 3600 }).default(
      30,
    ),
  ],
  missingHub: notFound,
  async run(call) {
    const { hub, flags, output } = call;
    const record = await hub.client.findStatus(flags.id, { input: false, output: false });
    if (record === undefined) return notFound(call);
    if (flags.recursive === true) return terminateTree(call);
    if (isTerminal(record.runtimeStatus)) return conclude(call, record.runtimeStatus);
    await hub.client.terminate(flags.id, flags.reason ?? null);
    if (!flags.json) {
      output.line(
        `Sent a termination message to instance '${flags.id}'. Waiting up to ${flags.wait} seconds for the orchestration to actually terminate...`,
      );
    }
    const ended = await hub.client.waitForTerminal(flags.id, {
      timeoutMs: flags.wait * 1_000,
      intervalMs: POLL_INTERVAL_MS,
    });
    return conclude(call, ended?.runtimeStatus);
  },
};

/** Asks again until all of the tree has ended: what was not reached in time is found below what has ended meanwhile. */
async function terminateTree({ hub, flags, output }: DurableCall<Flags>): Promise<number> {
  const deadlineMs = Date.now() + flags.wait * 1_000;
  const reason = flags.reason ?? null;
  let report = await hub.client.trees.terminate(flags.id, reason);
  while (!report.isSettled && Date.now() < deadlineMs) {
    for (const { instanceId, status } of report.instances) {
      if (status === 'Purged' || isTerminal(status)) continue;
      const timeoutMs = Math.max(0, deadlineMs - Date.now());
      await hub.client.waitForTerminal(instanceId, { timeoutMs, intervalMs: POLL_INTERVAL_MS });
    }
    report = await hub.client.trees.terminate(flags.id, reason);
  }
  if (flags.json) output.line(JSON.stringify(report));
  else reportTree(output, report);
  if (report.isSettled) return EXIT_SUCCESS;
  output.error('Not all instances terminated within the given timeout.');
  output.note('The messages are in the hub: a host ends the instances as soon as it runs.');
  return EXIT_FAILURE;
}

function conclude({ flags, output }: DurableCall<Flags>, ended: RuntimeStatus | undefined): number {
  if (ended === 'Terminated') {
    const text = `Successfully terminated '${flags.id}'`;
    output.line(
      flags.json
        ? JSON.stringify({ instanceId: flags.id, runtimeStatus: ended })
        : painted(output, 'green', text),
    );
    return EXIT_SUCCESS;
  }
  output.error('Instance did not terminate within the given timeout.');
  output.note(
    ended === undefined
      ? 'The message is in the hub: a host ends the instance as soon as it runs.'
      : `The instance '${flags.id}' was finished already: it is ${ended}.`,
  );
  return EXIT_FAILURE;
}

function notFound({ flags, output }: DurableCall<Flags>): number {
  const text = `Failed to find instance '${flags.id}'. No instance was terminated.`;
  if (flags.json) {
    output.line('null');
    output.note(text);
  } else {
    output.line(painted(output, 'yellow', text));
  }
  return EXIT_FAILURE;
}
