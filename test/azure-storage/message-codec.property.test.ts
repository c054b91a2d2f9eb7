import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  decodeMessage,
  encodeMessage,
  toQueueText,
} from '../../src/azure-storage/queues/message-codec.ts';
import { fromHistoryRow, toHistoryRow } from '../../src/azure-storage/tables/history-codec.ts';
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
