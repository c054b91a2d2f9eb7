/**
 * Messages that wait for instances that are not there: of a purge, or of a hand in storage. They do no harm, as whoever receives them
 * drops them, but for activities, which run for nobody. Of each queue the first ones are looked at, as many as storage shows at a time.
 */
import { isRecord, parseRecord } from '../../base/json.ts';
import type { QueueBacklog } from '../../core/hub-backlog.ts';
import { isEntityId, toInstanceId } from '../../core/ids.ts';
import type { QueuedMessage } from '../../core/queued-message.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import type { ExamineOptions, Finding } from './finding.ts';

/** Azure Storage shows no more. */
const PEEKED = 32;

export async function* examineMessages(
  { backend, ambient, quietMs }: Pick<ExamineOptions, 'backend' | 'ambient' | 'quietMs'>,
  queues: readonly QueueBacklog[],
): AsyncGenerator<Finding> {
  const oldestMs = ambient.now() - quietMs;
  for (const { name: queue, waiting } of queues) {
    if (waiting === 0) continue;
    const messages = (await backend.peekMessages({ queue, count: PEEKED, isDue: false })) ?? [];
    const old = messages.filter((message) => insertedMs(message) < oldestMs);
    // What comes after the last one is younger, as a rule.
    const isPart = waiting > messages.length && old.length === messages.length;
    if (isPart) {
      // The start of an instance may be among the others.
      const problem = `Of the ${waiting} messages that wait in '${queue}' storage shows ${messages.length}: whether there are some for instances that are not there is not known.`;
      yield { kind: 'notLookedAt', instanceId: null, problem, repair: undefined };
      continue;
    }
    for (const [instanceId, count] of addressed(messages, old)) {
      if (await isThere(backend, instanceId)) continue;
      const problem = `${count} messages wait for it in '${queue}', and it has neither row nor history. A worker would drop them when it comes to them, and run activities before that.`;
      const repair = async (): Promise<void> => {
        // It may have been started meanwhile.
        if (await isThere(backend, instanceId)) return;
        await backend.dropMessages(
          queue,
          (message) => message.instanceId === instanceId && mayGo(message, oldestMs),
        );
      };
      yield { kind: 'messageOfNobody', instanceId, problem, repair };
    }
  }
}

/** Instance ids with the number of their messages. What begins by a message need not be there: entities, and what is started. */
function addressed(
  messages: readonly QueuedMessage[],
  old: readonly QueuedMessage[],
): ReadonlyMap<string, number> {
  const begun = new Set(
    messages.flatMap(({ eventType, instanceId }) =>
      eventType === 'ExecutionStarted' && instanceId !== null ? [instanceId] : [],
    ),
  );
  const counts = new Map<string, number>();
  for (const { instanceId } of old) {
    if (instanceId === null || isEntityId(instanceId) || begun.has(instanceId)) continue;
    counts.set(instanceId, (counts.get(instanceId) ?? 0) + 1);
  }
  return counts;
}

async function isThere(backend: TaskHubClientBackend, id: string): Promise<boolean> {
  const instanceId = toInstanceId(id);
  if ((await backend.findInstance(instanceId, { namesLost: true })) !== undefined) return true;
  return (await backend.readHistory(instanceId, { namesLost: true })).length > 0;
}

function mayGo(message: QueuedMessage, oldestMs: number): boolean {
  return message.eventType !== 'ExecutionStarted' && insertedMs(message) < oldestMs;
}

/** Where storage does not tell, the event does. What tells no time is young. */
function insertedMs({ insertedTime, body }: QueuedMessage): number {
  const event = parseRecord(body)?.['event'];
  const timestamp = isRecord(event) ? event['Timestamp'] : undefined;
  const ms = Date.parse(insertedTime ?? (typeof timestamp === 'string' ? timestamp : ''));
  return Number.isNaN(ms) ? Infinity : ms;
}
