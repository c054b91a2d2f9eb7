/**
 * `func durable start-new`: starts an instance; whether the orchestrator exists shows when a host runs it. Ours is `--wait`,
 * which shows how it ended.
 */
import { Option } from 'commander';
import { InstanceExistsError, InvalidInputError } from '../../../core/errors.ts';
import type { InstanceRecord } from '../../../core/instance-status.ts';
import { briefFailure } from '../../../base/brief-failure.ts';
import { netText } from '../../../base/net-time.ts';
import { painted } from '../../output.ts';
import {
  EXIT_FAILURE,
  EXIT_SUCCESS,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { readInputData } from './input-data.ts';
import { instanceJson } from './instance-json.ts';
import { countOption } from './option-values.ts';

interface Flags {
  readonly functionName: string;
  readonly id?: string;
  readonly input?: string;
  readonly wait?: number;
}

/** The longest pause between two looks; the first ones are shorter. */
const POLL_INTERVAL_MS = 1_000;

export const startNew: DurableCommand<Flags> = {
  name: 'start-new',
  description: 'start a new instance of an orchestrator',
  options: () => [
    new Option('--function-name <name>', 'the orchestrator to start').makeOptionMandatory(),
    new Option('--id <id>', 'the id of the new instance (default: a random one)'),
    new Option('--input <text|@file>', 'input: a text, or a file with JSON'),
    countOption('--wait <seconds>', 'wait for the end, and show the status and output', {
      min: 0,
      max: 86_400,
    }),
  ],
  missingHub: 'create',
  async run(call) {
    const { hub, flags, folder, output } = call;
    const input = await readInputData(flags.input, folder);
    let id: string;
    try {
      id = await hub.client.start({
        name: flags.functionName,
        input,
        ...(flags.id !== undefined && { instanceId: checkId(flags.id) }),
      });
    } catch (error) {
      if (!(error instanceof InstanceExistsError)) throw error;
      output.error(`Could not start new instance '${error.instanceId}'. ${error.message}`);
      return EXIT_FAILURE;
    }
    const record = await hub.client.findStatus(id, { input: false, output: false });
    if (record === undefined) {
      output.error(`Could not start new instance '${id}'.`);
      return EXIT_FAILURE;
    }
    const { name, instanceId, createdTime } = record;
    if (!flags.json) {
      const text = `Started '${name}' at ${netText(createdTime)}. Instance ID: '${instanceId}'.`;
      output.line(painted(output, 'green', text));
    } else if (flags.wait === undefined) {
      output.line(JSON.stringify({ name, instanceId, createdTime }));
    }
    return flags.wait === undefined ? EXIT_SUCCESS : await showEnd(call, record, flags.wait);
  },
};

/** @returns success for an instance that completed in time. */
async function showEnd(
  { hub, flags, output }: DurableCall<Flags>,
  started: InstanceRecord,
  waitSeconds: number,
): Promise<number> {
  const ended = await hub.client.waitForTerminal(started.instanceId, {
    timeoutMs: waitSeconds * 1_000,
    intervalMs: POLL_INTERVAL_MS,
  });
  if (flags.json) output.line(instanceJson(ended ?? started));
  if (ended === undefined) {
    output.error(
      `Instance '${started.instanceId}' did not end within ${String(waitSeconds)} seconds.`,
    );
    output.note('It is in the hub: it goes on while a host runs.');
    return EXIT_FAILURE;
  }
  const { runtimeStatus } = ended;
  const isCompleted = runtimeStatus === 'Completed';
  if (!flags.json) {
    const text = `Instance '${ended.instanceId}' is ${runtimeStatus}. Output: ${outputText(ended)}`;
    output.line(painted(output, isCompleted ? 'green' : 'red', text));
  }
  return isCompleted ? EXIT_SUCCESS : EXIT_FAILURE;
}

/** The client takes an empty id for none. */
function checkId(id: string): string {
  if (id === '') throw new InvalidInputError('--id is empty: leave it out for a random id.');
  return id;
}

/** A failure is told in a few lines; `--json` has all of it. */
function outputText({ output, runtimeStatus }: InstanceRecord): string {
  if (output === null) return 'null';
  return runtimeStatus === 'Failed' ? briefFailure(output) : output;
}
