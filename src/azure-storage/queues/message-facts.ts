/**
 * What can be told of a queue message that cannot be read: whose it is, and which task it asks for or answers, so that nobody waits for
 * ever. Takes what is there and understands nothing else; never throws.
 */
import { isRecord, optionalText, parseRecord } from '../../base/json.ts';
import { recordedAt } from '../../core/answered-request.ts';
import { type MessageFacts, NO_FACTS } from '../../core/poison-message.ts';
import { unescapeKey } from '../key-escape.ts';
import { jsonTextOf, MESSAGE_BLOB_NAME } from './message-codec.ts';

export function factsOfText(text: string): MessageFacts {
  const envelope = parseRecord(jsonOf(text));
  if (envelope === undefined) return NO_FACTS;
  const blobName = optionalText(envelope['CompressedBlobName']);
  if (blobName !== undefined) return factsOfStub(blobName, envelope['Sender']);
  const taskMessage = envelope['TaskMessage'];
  if (!isRecord(taskMessage)) return NO_FACTS;
  const target = instanceOf(taskMessage['OrchestrationInstance']);
  const event = isRecord(taskMessage['Event']) ? taskMessage['Event'] : {};
  const eventType = eventTypeOf(event);
  const parent = isRecord(event['ParentInstance']) ? event['ParentInstance'] : {};
  const isStart = eventType === 'ExecutionStarted';
  const askedAt = isStart
    ? timeOf(parent['AskedAt'])
    : recordedAt(tagsOf(taskMessage), optionalText(event['Timestamp']) ?? '');
  const name = optionalText(event['Name']);
  const isRequest = isStart || eventType === 'TaskScheduled';
  return {
    instanceId: target?.instanceId ?? null,
    executionId: target?.executionId ?? null,
    eventType,
    taskEventId: idOf(isStart ? parent['TaskScheduleId'] : taskIdOf(event, eventType)),
    parent: instanceOf(parent['OrchestrationInstance']),
    request: isRequest && name !== undefined ? { askedAt, name } : null,
  };
}

/** The name of the blob says what is in it, and the stub who sent it, where it is one of ours. */
function factsOfStub(blobName: string, sender: unknown): MessageFacts {
  const [, key, eventType, id] = MESSAGE_BLOB_NAME.exec(blobName) ?? [];
  if (key === undefined || eventType === undefined) return NO_FACTS;
  const sentBy = instanceOf(sender);
  const isStart = eventType === 'ExecutionStarted';
  const instanceId = unescapeKey(key);
  return {
    instanceId,
    executionId: sentBy?.instanceId === instanceId ? sentBy.executionId : null,
    eventType,
    taskEventId: id === undefined ? null : Number(id),
    parent: isStart && id !== undefined ? sentBy : null,
    request: null,
  };
}

function jsonOf(text: string): string {
  try {
    return jsonTextOf(text);
  } catch {
    // Nothing of it can be told.
    return '';
  }
}

/** By the class, or by what the class should have been. */
function eventTypeOf(event: Readonly<Record<string, unknown>>): string | null {
  const className = optionalText(event['$type'])?.split(',', 1)[0]?.trim();
  const simpleName = className?.slice(className.lastIndexOf('.') + 1);
  return simpleName === undefined || simpleName === '' ? null : simpleName.replace(/Event$/, '');
}

function taskIdOf(event: Readonly<Record<string, unknown>>, eventType: string | null): unknown {
  if (eventType === 'TaskScheduled') return event['EventId'];
  return eventType === 'TimerFired' ? event['TimerId'] : event['TaskScheduledId'];
}

/** Whoever asked is told by the id alone where the time cannot be read. */
function timeOf(value: unknown): string | undefined {
  const text = optionalText(value);
  return text === undefined || isNaN(Date.parse(text)) ? undefined : text;
}

function tagsOf(taskMessage: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const context = taskMessage['OrchestrationExecutionContext'];
  const tags = isRecord(context) ? context['OrchestrationTags'] : undefined;
  return isRecord(tags) ? tags : {};
}

function idOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

function instanceOf(value: unknown): MessageFacts['parent'] {
  if (!isRecord(value)) return null;
  const instanceId = optionalText(value['InstanceId']);
  if (instanceId === undefined || instanceId === '') return null;
  return { instanceId, executionId: optionalText(value['ExecutionId']) ?? null };
}
