/**
 * GET /storage: what waits in the queues of the hub, and who works on it; GET /storage/contents: what is kept where;
 * GET /storage/queues/{queueName}/messages: the first messages of a queue. Ours. Each call asks storage, as often as it says.
 */
import { shortened } from '../../base/shortened.ts';
import type { QueueBacklog } from '../../core/hub-backlog.ts';
import { messageResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

/** As many as Azure Storage shows. */
const DEFAULT_COUNT = 32;
const MAX_COUNT = 200;
/** The message itself is in the queue. */
const MAX_BODY_LENGTH = 4_000;

export async function storage(call: OperationCall): Promise<Response> {
  const { client } = call;
  const [backlog, users] = await Promise.all([client.readBacklog(), client.listHubUsers()]);
  const body = {
    taskHub: client.taskHub,
    controlQueues: backlog.controlQueues.map(queueJson),
    workItems: queueJson(backlog.workItems),
    nextDueInMs: backlog.nextDueInMs ?? null,
    processes: backlog.processes,
    workers: users.flatMap((user) =>
      user.kind === 'worker'
        ? [
            {
              owner: user.owner,
              partition: user.partition,
              until: user.until ?? null,
              app: user.app?.name ?? null,
            },
          ]
        : [],
    ),
  };
  return taggedAnswer(call, JSON.stringify(body));
}

export async function storageContents(call: OperationCall): Promise<Response> {
  const { client } = call;
  const contents = (await client.readContents()).map(
    ({ name, what, items = null, bytes = null, isComplete }) => ({
      name,
      what,
      items,
      bytes,
      isComplete,
    }),
  );
  return taggedAnswer(call, JSON.stringify({ taskHub: client.taskHub, contents }));
}

export async function storageMessages(call: OperationCall): Promise<Response> {
  const queue = call.segment('queueName');
  const isDue = call.query.flag('due') ?? false;
  const count = countIn(call.query, 'top', { max: MAX_COUNT, otherwise: DEFAULT_COUNT });
  const found = await call.client.peekMessages({ queue, count, isDue });
  if (found === undefined && !isDue) {
    return messageResponse(404, `The task hub has no queue '${queue}'.`);
  }
  const messages = found?.map((message) => ({
    ...message,
    body: shortened(message.body, MAX_BODY_LENGTH),
  }));
  return taggedAnswer(call, JSON.stringify({ queue, messages: messages ?? null }));
}

function queueJson({ name, waiting, hidden, oldestWaitingMs }: QueueBacklog) {
  return { name, waiting, hidden, oldestWaitingMs: oldestWaitingMs ?? null };
}
