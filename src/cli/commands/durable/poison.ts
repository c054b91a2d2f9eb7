/** `func durable poison` (ours): the messages that were set aside, to be looked at, put back or dropped. */
import { Option } from 'commander';
import { InvalidInputError } from '../../../core/errors.ts';
import type { PoisonMessage } from '../../../core/poison-message.ts';
import {
  EXIT_SUCCESS,
  idOption,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { countOption } from './option-values.ts';

const ID_DESCRIPTION = 'the id of the message, as poison list shows it';

interface ListFlags {
  readonly top: number;
}

const list: DurableCommand<ListFlags> = {
  name: 'list',
  description: 'list the messages that were set aside',
  options: () => [
    countOption('--top <number>', 'at most so many', { min: 1, max: 1_000_000 }).default(100),
  ],
  missingHub: (call) => printList(call, [], false),
  async run(call) {
    const messages: PoisonMessage[] = [];
    let isMore = false;
    for await (const message of call.hub.client.poison.all()) {
      isMore = messages.length === call.flags.top;
      if (isMore) break;
      messages.push(message);
    }
    messages.sort((one, other) => one.setAsideTime.localeCompare(other.setAsideTime));
    return printList(call, messages, isMore);
  },
};

function printList(
  { flags, output }: DurableCall<ListFlags>,
  messages: readonly PoisonMessage[],
  isMore: boolean,
): number {
  if (flags.json) {
    const brief = messages.map(({ body: _body, ...message }) => message);
    output.line(JSON.stringify(brief));
    return EXIT_SUCCESS;
  }
  for (const message of messages) {
    output.line(`${message.id}  ${message.setAsideTime}  ${whatOf(message)}`);
    output.line(`    ${message.reason}`);
  }
  if (messages.length === 0) output.line('No message is set aside.');
  if (isMore) output.note(`There are more than ${flags.top}: give --top a larger number.`);
  return EXIT_SUCCESS;
}

function whatOf({ eventType, taskEventId, instanceId, origin }: PoisonMessage): string {
  const what = eventType === null ? 'a message' : eventType;
  const task = taskEventId === null ? '' : ` ${taskEventId}`;
  const whose = instanceId === null ? '' : ` of '${instanceId}'`;
  return `${what}${task}${whose} (${origin})`;
}

const show: DurableCommand<{ readonly id: string }> = {
  name: 'show',
  description: 'show one of them, as it was',
  options: () => [idOption(ID_DESCRIPTION)],
  missingHub: 'fail',
  async run({ hub, flags, output }) {
    const message = await hub.client.poison.get(flags.id);
    output.line(flags.json ? JSON.stringify(message) : JSON.stringify(message, undefined, 2));
    return EXIT_SUCCESS;
  },
};

interface ChosenFlags {
  readonly id?: string;
  readonly all?: boolean;
}

const replay = chosen({
  name: 'replay',
  description: 'put messages back where they came from: they are tried again',
  done: 'put back',
  run: (hub, id) => hub.client.poison.replay(id),
});

const drop = chosen({
  name: 'drop',
  description: 'delete messages that were set aside, for good',
  done: 'dropped',
  run: (hub, id) => hub.client.poison.drop(id),
});

/** A command for one of them, or for all that there are. */
function chosen({
  name,
  description,
  done,
  run,
}: {
  readonly name: string;
  readonly description: string;
  /** `3 messages were <done>.` */
  readonly done: string;
  readonly run: (hub: DurableCall['hub'], id: string) => Promise<void>;
}): DurableCommand<ChosenFlags> {
  return {
    name,
    description,
    options: () => [
      new Option('--id <id>', ID_DESCRIPTION),
      new Option('--all', 'all that are set aside now'),
    ],
    missingHub: 'fail',
    async run({ hub, flags, output }) {
      const ids = await idsOf(hub, flags);
      for (const id of ids) await run(hub, id);
      output.line(
        flags.json
          ? JSON.stringify({ messages: ids.length })
          : ids.length === 1
            ? `1 message was ${done}.`
            : `${ids.length} messages were ${done}.`,
      );
      return EXIT_SUCCESS;
    },
  };
}

async function idsOf(hub: DurableCall['hub'], { id, all }: ChosenFlags): Promise<string[]> {
  if (id !== undefined && all !== true) return [id];
  if (id !== undefined || all !== true) {
    throw new InvalidInputError('Name one message by --id, or all of them by --all.');
  }
  // Before the first one is touched: what is put back may be set aside once more.
  const ids: string[] = [];
  for await (const message of hub.client.poison.all()) ids.push(message.id);
  return ids;
}

export const poisonCommands = { list, show, replay, drop };
