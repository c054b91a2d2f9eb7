import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { functionFailed, functionStarting, text } from '../../src/telemetry/log-events.ts';
import type { Logger, LogRecord } from '../../src/telemetry/log.ts';
import { withoutRepeatedWarnings } from '../../src/telemetry/repeated-warnings.ts';

let records: LogRecord[];
let log: Logger;

beforeEach(() => {
  vi.useFakeTimers();
  records = [];
  const sink = { write: (record: LogRecord) => void records.push(record) };
  log = withoutRepeatedWarnings(sink, { most: 2, windowMs: 10_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const fieldsOf = (instanceId: string) => ({
  taskHub: 'T',
  instanceId,
  functionName: 'Ship',
  functionType: 'Activity',
});
const fail = (instanceId: string): void => {
  functionFailed(log, { ...fieldsOf(instanceId), reason: 'out of stock' });
};

describe('a warning that comes again and again', () => {
  it('is written a few times; one line says how many more there were', () => {
    for (const id of ['i1', 'i2', 'i3', 'i4', 'i5']) fail(id);
    expect(records.map(({ fields }) => fields['instanceId'])).toEqual(['i1', 'i2']);

    vi.advanceTimersByTime(10_000);
    expect(records.slice(2)).toMatchObject([
      {
        level: 'error',
        event: 'FunctionFailed',
        message: expect.stringMatching(/^3 more lines like this one in 10 s: i5: /) as string,
        fields: { leftOut: 3 },
      },
    ]);
  });

  it('begins anew after a while', () => {
    for (const id of ['i1', 'i2', 'i3']) fail(id);
    vi.advanceTimersByTime(10_000);
    fail('i6');

    expect(records.at(-1)?.fields['instanceId']).toBe('i6');
  });

  it('leaves other warnings alone, and says nothing when none was left out', () => {
    fail('i1');
    text(log, 'error', 'Host.General', 'one');
    text(log, 'error', 'Host.General', 'two');
    vi.advanceTimersByTime(10_000);

    expect(records).toHaveLength(3);
  });

  it('is none that user code logs, nor a line that tells of work', () => {
    for (let n = 0; n < 5; n++) {
      text(log, 'error', 'Function.Ship.User', 'out of stock');
      functionStarting(log, fieldsOf('i1'));
    }

    expect(records).toHaveLength(10);
  });
});
