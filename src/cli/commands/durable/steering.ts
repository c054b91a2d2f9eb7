/**
 * `func durable suspend` and `func durable resume` (ours): an instance stops until it is resumed, and what comes for it meanwhile
 * waits. A message to one instance, or to it and its children.
 */
import { Option } from 'commander';
import type { TreeReport } from '../../../engine/task-hub-client.ts';
import {
  EXIT_SUCCESS,
  idOption,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';

export interface SteeringFlags {
  readonly id: string;
  readonly reason?: string;
  readonly recursive?: boolean;
}

export const suspend = steeringCommand({
  name: 'suspend',
  description: 'make an instance wait until it is resumed',
  one: (client, id, reason) => client.suspend(id, reason),
  tree: (client, id, reason) => client.trees.suspend(id, reason),
});

export const resume = steeringCommand({
  name: 'resume',
  description: 'let a suspended instance go on',
  one: (client, id, reason) => client.resume(id, reason),
  tree: (client, id, reason) => client.trees.resume(id, reason),
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
}): DurableCommand<SteeringFlags> {
  const { name } = steering;
  return {
    name,
    description: steering.description,
    options: () => [
      idOption(),
      new Option('--reason <text>', 'why; kept in the history'),
      recursiveOption(name),
    ],
    missingHub: 'fail',
    async run({ hub, flags, output }) {
      const reason = flags.reason ?? null;
      if (flags.recursive !== true) {
        await steering.one(hub.client, flags.id, reason);
        output.line(
          flags.json
            ? JSON.stringify({ instanceId: flags.id })
            : `Sent a ${name} message to instance '${flags.id}'.`,
        );
        return EXIT_SUCCESS;
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
