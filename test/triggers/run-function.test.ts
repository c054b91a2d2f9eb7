import { describe, expect, it } from 'vitest';
import { CALLED_BY_HOST_API, runFunction } from '../../src/triggers/run-function.ts';
import { appOf, failed, functionOf, recordingLog, succeeded } from './app-values.ts';

const fn = functionOf('Hello', 'http');
const request = { triggerData: {}, invocationId: 'id-1' };

describe('a run of a function', () => {
  it('is logged before and after, with reason and id', async () => {
    const log = recordingLog();

    const result = await runFunction(appOf([fn]), fn, request, CALLED_BY_HOST_API, log);

    expect(result).toEqual(succeeded());
    expect(log.messages()).toEqual([
      "Executing 'Functions.Hello' (Reason='This function was programmatically called via the host APIs.', Id=id-1)",
      expect.stringMatching(/^Executed 'Functions\.Hello' \(Succeeded, Id=id-1, Duration=\d+ms\)$/),
    ]);
    expect(new Set(log.records.map(({ category }) => category))).toEqual(
      new Set(['Function.Hello']),
    );
  });

  it('gets a new invocation id where none is given, the one that is logged', async () => {
    const log = recordingLog();
    const app = appOf([fn]);

    await runFunction(app, fn, { triggerData: {} }, CALLED_BY_HOST_API, log);

    expect(app.requests[0]?.invocationId).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(log.messages()[0]).toContain(`Id=${app.requests[0]?.invocationId ?? ''}`);
  });

  it('that fails is logged as an error with message and stack', async () => {
    const log = recordingLog();

    await runFunction(
      appOf([fn], () => failed('boom')),
      fn,
      request,
      { text: 'why' },
      log,
    );

    expect(log.records[1]).toMatchObject({ level: 'error', eventId: 3 });
    expect(log.messages()[1]?.replace(/\d+ms/, 'Nms')).toBe(
      `Executed 'Functions.Hello' (Failed, Id=id-1, Duration=Nms)
System.Private.CoreLib: Exception while executing function: Functions.Hello. System.Private.CoreLib: Result: Failure
Exception: boom
Stack: Error: boom
    at f`,
    );
  });

  it('whose bindings break fails like one whose code does', async () => {
    const log = recordingLog();
    const app = appOf([fn], () => Promise.reject(new Error('queue is gone')));

    const result = await runFunction(app, fn, request, { text: 'why' }, log);

    expect(result).toMatchObject({ kind: 'failed', message: 'queue is gone' });
    expect(log.records[1]?.level).toBe('error');
  });
});
