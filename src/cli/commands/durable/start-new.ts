/** `func durable start-new`: starts an instance; whether the orchestrator exists shows when a host runs it. */
import { Option } from 'commander';
import { InstanceExistsError, InvalidInputError } from '../../../core/errors.ts';
import { netText } from '../../../base/net-time.ts';
import { painted } from '../../output.ts';
import { EXIT_FAILURE, EXIT_SUCCESS, type DurableCommand } from './durable-command.ts';
import { readInputData } from './input-data.ts';

interface Flags {
  readonly functionName: string;
  readonly id?: string;
  readonly input?: string;
}

export const startNew: DurableCommand<Flags> = {
  name: 'start-new',
  description: 'start a new instance of an orchestrator',
  options: () => [
    new Option('--function-name <name>', 'the orchestrator to start').makeOptionMandatory(),
    new Option('--id <id>', 'the id of the new instance (default: a random one)'),
    new Option('--input <text|@file>', 'input: a text, or a file with JSON'),
  ],
  missingHub: 'create',
  async run({ hub, flags, folder, output }) {
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
    if (flags.json) {
      output.line(JSON.stringify({ name, instanceId, createdTime }));
    } else {
      const text = `Started '${name}' at ${netText(createdTime)}. Instance ID: '${instanceId}'.`;
      output.line(painted(output, 'green', text));
    }
    return EXIT_SUCCESS;
  },
};

/** The client takes an empty id for none. */
function checkId(id: string): string {
  if (id === '') throw new InvalidInputError('--id is empty: leave it out for a random id.');
  return id;
}
