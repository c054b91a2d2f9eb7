import { describe, expect, it } from 'vitest';
import { createCategoryFilter } from '../../src/telemetry/category-filter.ts';
import { createJsonSink, type JsonSinkOptions } from '../../src/telemetry/json-sink.ts';
import { functionFailed, text } from '../../src/telemetry/log-events.ts';
import type { Logger } from '../../src/telemetry/log.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

function linesOf(write: (log: Logger) => void, options: Partial<JsonSinkOptions> = {}): unknown[] {
  const lines: string[] = [];
  write(
    createJsonSink({
      isShown: createCategoryFilter({ verbose: true }),
      now: () => Date.parse('2026-11-21T12:00:00.123Z'),
      writeLine: (line) => lines.push(line),
      ...options,
    }),
  );
  return lines.map((line) => JSON.parse(line) as unknown);
}

const FAILURE = {
  taskHub: 'Orders',
  instanceId: 'i1',
  executionId: 'e1',
  functionName: 'Ship',
  functionType: 'Activity',
  reason: 'out of\nstock',
};

describe('the JSON sink', () => {
  it('tells of an event in one line, whatever its texts hold', () => {
    const lines = linesOf(
      (log) => {
        functionFailed(log, FAILURE);
      },
      { traceId: () => TRACE_ID, common: { process: 2 } },
    );

    expect(lines).toEqual([
      {
        time: '2026-11-21T12:00:00.123Z',
        level: 'error',
        category: 'Host.Triggers.DurableTask',
        event: 'FunctionFailed',
        eventId: 206,
        instanceId: 'i1',
        executionId: 'e1',
        functionName: 'Ship',
        traceId: TRACE_ID,
        message:
          "i1: Function 'Ship (Activity)' failed with an error. Reason: out of\nstock. IsReplay: False. State: Failed.",
        taskHub: 'Orders',
        functionType: 'Activity',
        reason: 'out of\nstock',
        process: 2,
      },
    ]);
  });

  it('takes the trace of the record before that of whoever writes it', () => {
    const lines = linesOf(
      (log) => {
        functionFailed(log, { ...FAILURE, traceId: TRACE_ID });
      },
      { traceId: () => 'another' },
    );

    expect(lines).toMatchObject([{ traceId: TRACE_ID }]);
  });

  it('has the stack of an error, and nothing for what there is not', () => {
    const lines = linesOf((log) => {
      text(log, 'error', 'Host.General', 'broken', new TypeError('no such thing'));
    });

    expect(lines).toEqual([
      {
        time: '2026-11-21T12:00:00.123Z',
        level: 'error',
        category: 'Host.General',
        message: 'broken',
        error: {
          name: 'TypeError',
          message: 'no such thing',
          stack: expect.stringContaining('json-sink.test') as string,
        },
      },
    ]);
  });

  it('drops what host.json does not want', () => {
    const isShown = createCategoryFilter({ rules: { 'Host.Triggers.DurableTask': 'critical' } });
    const lines = linesOf(
      (log) => {
        functionFailed(log, FAILURE);
      },
      { isShown },
    );

    expect(lines).toEqual([]);
  });
});
