/**
 * Queue messages: a TaskMessage in the envelope that DurableTask.AzureStorage puts around it, as JSON text, byte for byte what
 * .NET writes. Decoding takes what any release since 1.4.0 wrote: plain or base64, event types told by `$type` alone (their
 * numbers moved), members missing. Mirrors MessageData, MessageManager and TypeNameSerializationBinder.
 *
 * A message above MAX_QUEUE_MESSAGE_BYTES goes to a blob, and a stub that names the blob goes to the queue.
 */
import { ownMember } from '../../base/own-member.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import type {
  HistoryEvent,
  HistoryEventType,
  OrchestrationInstance,
} from '../../core/history-event.ts';
import { EVENT_TYPE_NUMBERS } from '../../core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../core/ids.ts';
import { taskEventIdOf } from '../../core/poison-message.ts';
import type { MessageSender, TaskMessage } from '../../core/task-message.ts';
import { CLIENT_SENDER } from '../../core/task-message.ts';
import type { JsonMember } from '../data-contract/contract-json.ts';
import { objectText, toJsonText } from '../data-contract/contract-json.ts';
import { readObject, readValue } from '../data-contract/contract-reader.ts';
import { contractObject, writeValue } from '../data-contract/contract-writer.ts';
import {
  buildEvent,
  eventMembers,
  memberOf,
  parseEventType,
} from '../data-contract/event-members.ts';
import { escapeKey } from '../key-escape.ts';

/** Largest envelope, in UTF-8 bytes before any base64, that may stand in a queue. MaxStorageQueuePayloadSizeInBytes. */
export const MAX_QUEUE_MESSAGE_BYTES = 46_080;

/** `UTF8` since DurableTask.AzureStorage 2.0; engines before 1.17.4 read only `Base64`. */
export type QueueMessageEncoding = 'UTF8' | 'Base64';

/** What the transport adds to a message. */
export interface MessageEnvelope {
  /** A GUID of this message's own; names its blob, and begins with the mark of the process: see `sending-order.ts`. */
  readonly activityId: string;
  /** Counts the messages of the sending process; orders messages of the same second. */
  readonly sequenceNumber: number;
}

export type DecodedMessage =
  | ({ readonly kind: 'message'; readonly message: TaskMessage } & MessageEnvelope)
  | { readonly kind: 'stub'; readonly blobName: string };

const ENVELOPE_TYPE = 'DurableTask.AzureStorage.MessageData';
const NO_ACTIVITY_ID = '00000000-0000-0000-0000-000000000000';
const EVENT_NAMESPACE = 'DurableTask.Core.History.';

/** The envelope as JSON text. */
export function encodeMessage(message: TaskMessage, envelope: MessageEnvelope): string {
  const { sender } = message;
  return contractObject(ENVELOPE_TYPE, 'typed', [
    ['ActivityId', toJsonText(envelope.activityId)],
    ['TaskMessage', taskMessageText(message)],
    ['CompressedBlobName', 'null'],
    ['SequenceNumber', String(envelope.sequenceNumber)],
    ...(message.episode === undefined ? [] : [['Episode', String(message.episode)] as const]),
    ['Sender', senderText(sender)],
    ['SerializableTraceContext', 'null'],
  ]);
}

/**
 * What stands in the queue for a message that is in a blob.
 * @param sender should the blob get lost, it is known who waits. The .NET extension passes over it. @default nobody, as in .NET
 */
export function encodeStub(blobName: string, sender?: MessageSender): string {
  return contractObject(ENVELOPE_TYPE, 'typed', [
    ['ActivityId', toJsonText(NO_ACTIVITY_ID)],
    ['TaskMessage', 'null'],
    ['CompressedBlobName', toJsonText(blobName)],
    ['SequenceNumber', '0'],
    ['Sender', sender === undefined ? 'null' : senderText(sender)],
    ['SerializableTraceContext', 'null'],
  ]);
}

export function toQueueText(json: string, encoding: QueueMessageEncoding): string {
  return encoding === 'UTF8' ? json : Buffer.from(json, 'utf8').toString('base64');
}

/**
 * Where a message goes that is too large for its queue. Not deleted when the message is consumed, but with the instance. The
 * id is escaped, unlike in .NET, whose purge leaves such blobs behind: `order/1` must not lie among the blobs of `order`. Behind the
 * type, also unlike in .NET, is the id of the task that the message asks for or answers: should the blob get lost, it fails.
 */
export function messageBlobName(message: TaskMessage, activityId: string): string {
  const id = activityId.replaceAll('-', '').toLowerCase();
  const taskId = taskEventIdOf(message.event);
  const what = `${message.event.EventType}${taskId === null ? '' : `-${taskId}`}`;
  return `${escapeKey(message.target.instanceId)}/message-${id}-${what}.json.gz`;
}

/** Such a name, of ours or of .NET: escaped instance id, type of the event, id of the task. */
export const MESSAGE_BLOB_NAME = /^([^]*)\/message-[0-9a-f]{32}-([A-Za-z]+)(?:-(\d+))?\.json\.gz$/;

/**
 * @param text of a queue message, or of the blob that a stub names.
 * @throws {CorruptMessageError} says what is wrong with it.
 */
export function decodeMessage(text: string): DecodedMessage {
  const envelope = readObject(parseJson(jsonTextOf(text)), 'The message');
  const blobName = readValue('optionalText', envelope['CompressedBlobName'], 'CompressedBlobName');
  if (blobName) return { kind: 'stub', blobName };
  const taskMessage = readObject(envelope['TaskMessage'] ?? null, 'TaskMessage');
  const target = readValue(
    'instance',
    taskMessage['OrchestrationInstance'],
    'TaskMessage.OrchestrationInstance',
  );
  const episode = readValue('optionalInteger', envelope['Episode'], 'Episode');
  const orchestrationTags = readOrchestrationTags(taskMessage['OrchestrationExecutionContext']);
  return {
    kind: 'message',
    activityId: readValue('optionalText', envelope['ActivityId'], 'ActivityId') ?? NO_ACTIVITY_ID,
    sequenceNumber: readValue('optionalInteger', envelope['SequenceNumber'], 'SequenceNumber') ?? 0,
    message: {
      event: readEvent(taskMessage['Event'], target),
      target: {
        instanceId: toInstanceId(target.InstanceId),
        executionId: target.ExecutionId === null ? null : toExecutionId(target.ExecutionId),
      },
      sender: readSender(envelope['Sender']),
      ...(episode === null ? {} : { episode }),
      ...(orchestrationTags === null ? {} : { orchestrationTags }),
    },
  };
}

function senderText({ instanceId, executionId }: MessageSender): string {
  return objectText([
    ['InstanceId', toJsonText(instanceId)],
    ['ExecutionId', toJsonText(executionId)],
  ]);
}

function taskMessageText({ event, target, orchestrationTags }: TaskMessage): string {
  const instance = { InstanceId: target.instanceId, ExecutionId: target.executionId };
  return contractObject('DurableTask.Core.TaskMessage', 'typed', [
    ['Event', eventText(event)],
    ['SequenceNumber', '0'],
    ['OrchestrationInstance', writeValue('instance', instance, 'typed')],
    [
      'OrchestrationExecutionContext',
      orchestrationTags === undefined
        ? 'null'
        : contractObject('DurableTask.Core.OrchestrationExecutionContext', 'typed', [
            ['OrchestrationTags', writeValue('tags', orchestrationTags, 'typed')],
          ]),
    ],
  ]);
}

function eventText(event: HistoryEvent): string {
  const type = event.EventType;
  const members = eventMembers(type).map(([name, kind]): JsonMember => {
    if (kind === 'eventType') return [name, String(EVENT_TYPE_NUMBERS[type])];
    return [name, writeValue(kind, memberOf(event, [name, kind]), 'typed')];
  });
  return contractObject(EVENT_NAMESPACE + eventClassName(type), 'typed', members);
}

function readEvent(value: unknown, target: OrchestrationInstance): HistoryEvent {
  const path = 'TaskMessage.Event';
  const object = readObject(value ?? null, path);
  return buildEvent(readEventClass(object['$type'], path), {
    find: (name) => ownMember(object, name),
    pathOf: (name) => `${path}.${name}`,
    instance: target,
  });
}

function eventClassName(type: HistoryEventType): string {
  return type === 'GenericEvent' ? type : `${type}Event`;
}

/** The type of an event by its .NET class, the assembly name ignored. */
function readEventClass(value: unknown, path: string): HistoryEventType {
  const className = readValue('text', value, `${path}.$type`).split(',', 1)[0]?.trim() ?? '';
  const simpleName = className.slice(className.lastIndexOf('.') + 1);
  const type = simpleName === 'GenericEvent' ? simpleName : simpleName.replace(/Event$/, '');
  return parseEventType(type, `${path}.$type`);
}

/** Absent from messages of `func durable` and of engines before 1.6.5: then it counts as sent by a client. */
function readSender(value: unknown): MessageSender {
  if (value === undefined || value === null) return CLIENT_SENDER;
  const sender = readObject(value, 'Sender');
  return {
    instanceId: readValue('optionalText', sender['InstanceId'], 'Sender.InstanceId') ?? '',
    executionId: readValue('optionalText', sender['ExecutionId'], 'Sender.ExecutionId') ?? '',
  };
}

function readOrchestrationTags(value: unknown) {
  if (value === undefined || value === null) return null;
  const path = 'TaskMessage.OrchestrationExecutionContext';
  return readValue(
    'tags',
    readObject(value, path)['OrchestrationTags'],
    `${path}.OrchestrationTags`,
  );
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @throws {CorruptMessageError} */
export function jsonTextOf(text: string): string {
  if (text.startsWith('{')) return text;
  if (text === '' || !BASE64.test(text)) {
    throw new CorruptMessageError(
      `The message is neither JSON nor base64; it begins with ${JSON.stringify(text.slice(0, 40))}.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  } catch (error) {
    throw new CorruptMessageError('The message is base64 of something that is not UTF-8 text.', {
      cause: error,
    });
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new CorruptMessageError(
      `The message is not JSON (${error instanceof Error ? error.message : String(error)}).`,
      { cause: error },
    );
  }
}
