import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  decodeMessage,
  encodeMessage,
  toQueueText,
} from '../../src/azure-storage/queues/message-codec.ts';
import { fromHistoryRow, toHistoryRow } from '../../src/azure-storage/tables/history-codec.ts';
import { fromInstanceRow } from '../../src/azure-storage/tables/instance-codec.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { anyEvent, anyMessage } from './arbitrary-messages.ts';

const ENVELOPE = { activityId: '6c0b3c0e-1f3a-4a0e-9d53-0f5b9b7f2a11', sequenceNumber: 7 };

describe('whatever a message holds', () => {
  it('it comes back from the queue text, plain and base64', () => {
    fc.assert(
      fc.property(anyMessage, fc.constantFrom('UTF8', 'Base64'), (message, encoding) => {
        const text = toQueueText(encodeMessage(message, ENVELOPE), encoding);

        expect(decodeMessage(text)).toEqual({ kind: 'message', message, ...ENVELOPE });
      }),
      { numRuns: 300 },
    );
  });

  it('its text has only characters that XML can carry', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(encodeMessage(message, ENVELOPE)).toMatch(
          /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('every object in it begins with its $type', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const text = encodeMessage(message, ENVELOPE);

        expect(text).toMatch(/^\{"\$type":"DurableTask\.AzureStorage\.MessageData",/);
        expect(text).toMatch(/"Event":\{"\$type":"DurableTask\.Core\.History\.\w+",/);
      }),
    );
  });
});

describe('whatever an event holds', () => {
  it('it comes back from its history row', () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(), (event, index) => {
        const at = { instanceId: 'a/b', executionId: 'e', index, storeInputs: true };

        const row = toHistoryRow(event, at);

        expect(withShortTimes(fromHistoryRow(row))).toEqual({ executionId: 'e', event });
      }),
      { numRuns: 300 },
    );
  });
});

describe('whichever column or member is absent', () => {
  /** Without these nobody knows of which task an event speaks. */
  const TASK_IDS = ['TaskScheduledId', 'TimerId'];
  const isNeeded = (name: string, { EventType }: HistoryEvent): boolean =>
    name === 'EventType' ||
    TASK_IDS.includes(name) ||
    (name === 'EventId' && /Scheduled|Created|Sent/.test(EventType));

  it('a history row is read, and all the rest of it is as it was', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const at = { instanceId: 'a/b', executionId: 'e', index: 1, storeInputs: true };
        const whole = toHistoryRow(event, at);
        for (const column of Object.keys(whole)) {
          const member = column === '_Timestamp' ? 'Timestamp' : column;
          if (isNeeded(member, event) || /^(partition|row)Key$/.test(column)) continue;
          const { [column]: _absent, ...row } = whole;

          const read = fromHistoryRow(row);

          expect({ ...read.event, [member]: null }).toEqual({
            ...fromHistoryRow(whole).event,
            [member]: null,
          });
        }
      }),
    );
  });

  it('a message is read', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const whole = JSON.parse(encodeMessage(message, ENVELOPE)) as {
          TaskMessage: { Event: Record<string, unknown> };
        };
        const { Event } = whole.TaskMessage;
        for (const name of Object.keys(Event)) {
          if (name === '$type' || isNeeded(name, message.event)) continue;
          const { [name]: _absent, ...rest } = Event;
          const text = JSON.stringify({
            ...whole,
            TaskMessage: { ...whole.TaskMessage, Event: rest },
          });

          expect(decodeMessage(text)).toMatchObject({ kind: 'message' });
        }
      }),
    );
  });

  it('an instance row is read', () => {
    const whole = {
      partitionKey: 'a^0b',
      rowKey: '',
      ...Object.fromEntries(INSTANCE_COLUMNS.map((name) => [name, 'x'])),
      Generation: 1,
      Tags: '{}',
      RuntimeStatus: 'Completed',
    };
    for (const column of INSTANCE_COLUMNS) {
      const { [column]: _absent, ...row } = whole as Record<string, unknown>;

      expect(fromInstanceRow(row)).toMatchObject({ instanceId: 'a/b' });
    }
  });
});

const INSTANCE_COLUMNS = [
  'CustomStatus',
  'ExecutionId',
  'LastUpdatedTime',
  'TaskHubName',
  'Name',
  'Version',
  'CreatedTime',
  'RuntimeStatus',
  'Tags',
  'Generation',
  'ScheduledStartTime',
  'Input',
  'CompletedTime',
  'Output',
];

/** A row's times have all seven digits. */
function withShortTimes({ executionId, event }: ReturnType<typeof fromHistoryRow>) {
  const members = Object.entries(event).map(([name, value]): [string, unknown] => [
    name,
    typeof value === 'string' && /^(Timestamp|FireAt|ScheduledStartTime)$/.test(name)
      ? value.replace(/\.?0+Z$/, 'Z')
      : value,
  ]);
  return { executionId, event: Object.fromEntries(members) };
}
