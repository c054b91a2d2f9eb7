/**
 * `func durable raise-event`: sends an event, whether or not there is an instance for it, as Core Tools does: a
 * sub-orchestration gets events before it can be seen. That nobody is there to get it is said on stderr.
 */
import { randomUUID } from 'node:crypto';
import { Option } from 'commander';
import { InvalidInputError } from '../../../core/errors.ts';
import { toInstanceId } from '../../../core/ids.ts';
import { isTerminal } from '../../../core/instance-status.ts';
import { raiseEventMessage } from '../../../core/lifecycle/control-messages.ts';
import { painted } from '../../output.ts';
import { EXIT_SUCCESS, idOption, type DurableCommand } from './durable-command.ts';
import { readInputData } from './input-data.ts';

interface Flags {
  readonly id: string;
  readonly eventName?: string;
  readonly eventData?: string;
}

export const raiseEvent: DurableCommand<Flags> = {
  name: 'raise-event',
  description: 'send an event to an instance',
  options: () => [
    idOption(),
    new Option('--event-name <name>', 'the event (default: Event_ and a random id)'),
    new Option('--event-data <text|@file>', 'data: a text, or a file with JSON'),
  ],
  missingHub: 'create',
  async run({ hub, flags, folder, output }) {
    const eventName = flags.eventName ?? `Event_${randomUUID().replaceAll('-', '')}`;
    if (eventName === '') throw new InvalidInputError('The name of an event must not be empty.');
    const data = await readInputData(flags.eventData, folder);
    const record = await hub.client.findStatus(flags.id, { input: false, output: false });
    const now = new Date().toISOString();
    await hub.backend.sendMessage(raiseEventMessage(toInstanceId(flags.id), eventName, data, now));
    if (flags.json) {
      output.line(JSON.stringify({ instanceId: flags.id, eventName }));
    } else {
      const text = `Raised event '${eventName}' to instance '${flags.id}'.`;
      output.line(painted(output, 'green', text));
    }
    if (record === undefined) {
      output.note(
        `No instance with ID '${flags.id}' found: the event is discarded unless it starts now.`,
      );
    } else if (isTerminal(record.runtimeStatus)) {
      output.note(`The instance is ${record.runtimeStatus}: the event is discarded.`);
    }
    return EXIT_SUCCESS;
  },
};
