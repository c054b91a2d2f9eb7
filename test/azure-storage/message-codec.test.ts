import { describe, expect, it } from 'vitest';

import {
  decodeMessage,
  encodeMessage,
  encodeStub,
  messageBlobName,
  toQueueText,
} from '../../src/azure-storage/queues/message-codec.ts';
import { CorruptMessageError } from '../../src/core/errors.ts';
import type { EventRaisedEvent } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import { CLIENT_SENDER } from '../../src/core/task-message.ts';

const ENVELOPE = { activityId: '6c0b3c0e-1f3a-4a0e-9d53-0f5b9b7f2a11', sequenceNumber: 7 };

describe('a message of `func durable raise-event` (DurableTask.AzureStorage 1.4.0)', () => {
  const json =
    '{"$type":"DurableTask.AzureStorage.MessageData","ActivityId":"6c0b3c0e-1f3a-4a0e-9d53-0f5b9b7f2a11","TaskMessage":{' +
    '"$type":"DurableTask.Core.TaskMessage","Event":{"$type":"DurableTask.Core.History.EventRaisedEvent","EventType":14,' +
    '"Name":"Approval","Input":"true","EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-31T10:00:00.1234567Z"},' +
    '"SequenceNumber":0,"OrchestrationInstance":{"$type":"DurableTask.Core.OrchestrationInstance","InstanceId":"order-1",' +
    '"ExecutionId":null}},"CompressedBlobName":null,"SequenceNumber":0,"Episode":0}';

  it('is base64, numbers EventRaised 14, has no sender, and is understood', () => {
    expect(decodeMessage(toQueueText(json, 'Base64'))).toEqual({
      kind: 'message',
      activityId: ENVELOPE.activityId,
      sequenceNumber: 0,
      message: {
        event: eventRaised({ Name: 'Approval', Input: 'true' }),
        target: { instanceId: 'order-1', executionId: null },
        sender: CLIENT_SENDER,
        episode: 0,
      },
    });
  });
});

describe('decoding a message', () => {
  it('takes plain text and base64 alike', () => {
    const json = encodeMessage(raise('hi'), ENVELOPE);

    expect(decodeMessage(toQueueText(json, 'UTF8'))).toEqual(
      decodeMessage(toQueueText(json, 'Base64')),
    );
  });

  it('tells the event by its $type, whatever the assembly and the number', () => {
    const json = encodeMessage(raise('hi'), ENVELOPE)
      .replace(
        'History.EventRaisedEvent"',
        'History.EventRaisedEvent, DurableTask.Core, Version=2.17.1.0"',
      )
      .replace('"EventType":15', '"EventType":0');

    expect(decodeMessage(json)).toMatchObject({ message: raise('hi') });
  });

  it('takes $type wherever it stands in the event', () => {
    const json = encodeMessage(raise('hi'), ENVELOPE).replace(
      /"Event":\{("\$type":"[^"]*"),(.*?)\},"SequenceNumber":0/,
      '"Event":{$2,$1},"SequenceNumber":0',
    );

    expect(json).toContain('"Timestamp":"2026-01-31T10:00:00.1234567Z","$type":"DurableTask');
    expect(decodeMessage(json)).toMatchObject({ message: raise('hi') });
  });

  it('drops the $type of dictionaries, whatever version it names', () => {
    const message = { ...raise('hi'), orchestrationTags: { tenant: 'a', '7': 'b' } };
    const json = encodeMessage(message, ENVELOPE).replaceAll(
      'System.Private.CoreLib',
      'System.Private.CoreLib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e',
    );

    expect(decodeMessage(json)).toMatchObject({ message });
  });

  it('finds the blob name in a stub', () => {
    const blobName = 'order-1/message-6c0b3c0e1f3a4a0e9d530f5b9b7f2a11-ExecutionStarted.json.gz';

    expect(decodeMessage(encodeStub(blobName))).toEqual({ kind: 'stub', blobName });
  });

  it('keeps the 100 ns digits of times', () => {
    const decoded = decodeMessage(encodeMessage(raise('hi'), ENVELOPE));

    expect(decoded).toMatchObject({
      message: { event: { Timestamp: '2026-01-31T10:00:00.1234567Z' } },
    });
  });
});

describe('encoding a message', () => {
  it('writes the sender always, the episode and the context only where there are some', () => {
    const json = encodeMessage(raise('hi'), ENVELOPE);

    expect(json).toMatch(
      /"OrchestrationExecutionContext":null\},"CompressedBlobName":null,"SequenceNumber":7,"Sender":\{"InstanceId":"","ExecutionId":""\},"SerializableTraceContext":null\}$/,
    );
  });

  it('writes empty tags as .NET does, as a dictionary that has only a $type', () => {
    const json = encodeMessage({ ...raise('hi'), orchestrationTags: {} }, ENVELOPE);

    expect(json).toContain(
      '"OrchestrationTags":{"$type":"System.Collections.Generic.Dictionary`2[[System.String, System.Private.CoreLib],[System.String, System.Private.CoreLib]]"}}',
    );
  });

  it('puts $type before tags whose names are numbers', () => {
    const json = encodeMessage({ ...raise('hi'), orchestrationTags: { '1': 'x' } }, ENVELOPE);

    expect(json).toMatch(/"OrchestrationTags":\{"\$type":"[^"]*","1":"x"\}/);
  });

  it('trims zeros from fractions of seconds', () => {
    const message = raise('hi', { Timestamp: '2026-01-31T10:00:00.500Z' });

    expect(encodeMessage(message, ENVELOPE)).toContain('"Timestamp":"2026-01-31T10:00:00.5Z"');
  });

  it.each([
    ['a lone surrogate', '\ud83d!', '\\ud83d!'],
    ['non-characters', '\ufffe\uffff', '\\ufffe\\uffff'],
    ['line separators, as .NET', '\u0085\u2028\u2029', '\\u0085\\u2028\\u2029'],
    ['control characters', '\u0001\u001f\t', '\\u0001\\u001f\\t'],
    ['nothing of what may stand', "😀é\u007f\u009f/<&'", "😀é\u007f\u009f/<&'"],
  ])('escapes %s', (_, input, escaped) => {
    expect(encodeMessage(raise(input), ENVELOPE)).toContain(`"Input":"${escaped}"`);
  });

  it('names the blob after the escaped instance id, the activity id and the event', () => {
    const message = {
      ...raise('x'),
      target: { instanceId: toInstanceId('a/b'), executionId: null },
    };

    expect(messageBlobName(message, ENVELOPE.activityId)).toBe(
      'a^0b/message-6c0b3c0e1f3a4a0e9d530f5b9b7f2a11-EventRaised.json.gz',
    );
  });
});

describe('a message that cannot be understood', () => {
  const good = encodeMessage(raise('hi'), ENVELOPE);

  it.each([
    [
      'neither JSON nor base64',
      'hello, world',
      /neither JSON nor base64; it begins with "hello, world"/,
    ],
    ['empty', '', /neither JSON nor base64/],
    ['base64 of bytes', '/////w==', /base64 of something that is not UTF-8 text/],
    ['base64 of other text', Buffer.from('hello').toString('base64'), /not JSON/],
    ['cut off', good.slice(0, -10), /not JSON/],
    ['without task message', '{"ActivityId":"x"}', /TaskMessage must be an object, but is missing/],
    [
      'without $type',
      good.replace(/"\$type":"DurableTask.Core.History[^"]*",/, ''),
      /TaskMessage\.Event\.\$type must be a text, but is missing/,
    ],
    [
      'of an unknown event',
      good.replace('EventRaisedEvent', 'PartyEvent'),
      /Event\.\$type must name a history event type, but is "Party"/,
    ],
    [
      'with a wrong member',
      good.replace('"Name":"go"', '"Name":5'),
      /TaskMessage\.Event\.Name must be a text, but is 5/,
    ],
    [
      'with a wrong time',
      good.replace('2026-01-31T10', 'yesterday'),
      /Event\.Timestamp must be a time, but is "yesterday/,
    ],
    [
      'without target',
      good.replace('"InstanceId":"order-1"', '"InstanceId":null'),
      /OrchestrationInstance\.InstanceId must be a text, but is missing/,
    ],
  ])('%s: the error says what is wrong', (_, text, reason) => {
    expect(() => decodeMessage(text)).toThrow(reason);
    expect(() => decodeMessage(text)).toThrow(CorruptMessageError);
  });
});

function raise(
  input: string,
  event: Partial<EventRaisedEvent> = {},
): TaskMessage<EventRaisedEvent> {
  return {
    event: eventRaised({ Input: input, ...event }),
    target: { instanceId: toInstanceId('order-1'), executionId: null },
    sender: CLIENT_SENDER,
  };
}

function eventRaised(event: Partial<EventRaisedEvent>): EventRaisedEvent {
  return {
    EventType: 'EventRaised',
    Name: 'go',
    Input: null,
    ParentTraceContext: null,
    EventId: -1,
    IsPlayed: false,
    Timestamp: '2026-01-31T10:00:00.1234567Z',
    ...event,
  };
}
