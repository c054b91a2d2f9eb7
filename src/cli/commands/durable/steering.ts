/**
 * `func durable suspend` and `func durable resume` (ours): an instance stops until it is resumed, and what comes for it meanwhile
 * waits. A message to one instance, or to it and its children. As with terminate, the command ends when a host has acted on it, so
 * that what comes next meets the instance in its new state.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Option } from 'commander';
import { isTerminal, type RuntimeStatus } from '../../../core/instance-status.ts';
import type { TreeReport } from '../../../engine/task-hub-client.ts';
import {
  EXIT_FAILURE,
  EXIT_SUCCESS,
  idOption,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { countOption } from './option-values.ts';

export interface SteeringFlags {
  readonly id: string;
  readonly reason?: string;
  readonly recursive?: boolean;
  readonly wait: number;
}

const POLL_INTERVAL_MS = 250;

export const suspend = steeringCommand({
  name: 'suspend',
  description: 'make an instance wait until it is resumed',
  one: (client, id, reason) => client.suspend(id, reason),
  tree: (client, id, reason) => client.trees.suspend(id, reason),
  isDone: (status) => status === 'Suspended',
});

export const resume = steeringCommand({
  name: 'resume',
  description: 'let a suspended instance go on',
  one: (client, id, reason) => client.resume(id, reason),
  tree: (client, id, reason) => client.trees.resume(id, reason),
  isDone: (status) => status !== 'Suspended',
});

type Client = DurableCall['hub']['client'];

export function recursiveOption(verb: string): Option {
  return new Option('--recursive', `${verb} its sub-orchestrations, too`);
}

/** A line for each instance: its status and its id. */
export function reportTree(output: DurableCall['output'], { instances }: TreeReport): void {
  for (const { instanceId, status } of instances) {
    output.line(`${status.padEnd(10)} ${instanceId}`);
  }
}

function steeringCommand(steering: {
  readonly name: 'suspend' | 'resume';
  readonly description: string;
  readonly one: (client: Client, id: string, reason: string | null) => Promise<void>;
  readonly tree: (client: Client, id: string, reason: string | null) => Promise<TreeReport>;
  /** Whether a status says that a host has acted on the message. */
  readonly isDone: (status: RuntimeStatus) => boolean;
}): DurableCommand<SteeringFlags> {
  const { name } = steering;
  return {
    name,
    description: steering.description,
    options: () => [
      idOption(),
      new Option('--reason <text>', 'why; kept in the history'),
      recursiveOption(name),
      countOption('--wait <seconds>', 'how long to wait until a host has acted on it', {
        min: 0,
        max: 3600,
      }).default(30),
    ],
    missingHub: 'fail',
    async run({ hub, flags, output }) {
      const reason = flags.reason ?? null;
      if (flags.recursive !== true) {
        await steering.one(hub.client, flags.id, reason);
        if (!flags.json) output.line(`Sent a ${name} message to instance '${flags.id}'.`);
        const status = await statusWhen(steering.isDone, hub.client, flags);
        if (flags.json) {
          output.line(JSON.stringify({ instanceId: flags.id, runtimeStatus: status ?? null }));
        }
        if (status !== undefined && steering.isDone(status)) return EXIT_SUCCESS;
        output.error(
          `Instance '${flags.id}' is ${status ?? 'gone'}, ${String(flags.wait)} seconds after the ${name} message.`,
        );
        output.note('The message is in the hub: a host acts on it as soon as it runs.');
        return EXIT_FAILURE;
      }
      const report = await steering.tree(hub.client, flags.id, reason);
      if (flags.json) {
        output.line(JSON.stringify(report));
        return EXIT_SUCCESS;
      }
      reportTree(output, report);
      if (!report.isSettled) {
        output.note(
          'The messages are sent, but not all of them were acted on yet: is a host running?',
        );
      }
      return EXIT_SUCCESS;
    },
  };
}

/** The status when it is what was asked for, or cannot become that, or the time is up; undefined for an instance that is gone. */
async function statusWhen(
  isDone: (status: RuntimeStatus) => boolean,
  client: Client,
  { id, wait }: SteeringFlags,
): Promise<RuntimeStatus | undefined> {
  const deadlineMs = Date.now() + wait * 1_000;
  for (;;) {
    const record = await client.findStatus(id, { input: false, output: false });
    const status = record?.runtimeStatus;
    if (status === undefined || isDone(status) || isTerminal(status)) return status;
    if (Date.now() >= deadlineMs) return status;
    await pause(POLL_INTERVAL_MS);
  }
}
