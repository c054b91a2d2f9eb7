import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.ts';
import type { FunctionKind } from '../../src/function-app/function-declaration.ts';
import { runManually } from '../../src/triggers/manual-run.ts';
import { appOf, functionOf, recordingLog } from './app-values.ts';

async function run(kind: FunctionKind, input?: string, trigger: Record<string, unknown> = {}) {
  const app = appOf([]);
  const log = recordingLog();
  const fn = functionOf('F', kind, { name: 'value', ...trigger });
  await runManually({
    ...{ app, fn, input, log },
    blobRequest: () => Promise.reject(new InvalidInputError('There is no such blob.')),
    now: () => Date.parse('2026-11-21T03:25:00Z'),
  });
  return { request: app.requests[0], log };
}

describe('a manual run', () => {
  it('of a timer gives it a timer value that is not past due', async () => {
    const { request, log } = await run('timer', '{}', { schedule: '0 */5 * * * *' });

    expect(JSON.parse(request?.triggerData.json ?? '')).toEqual({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: null,
      IsPastDue: false,
    });
    expect(log.messages()[0]).toContain('programmatically called via the host APIs');
  });

  it('of a timer whose schedule cannot be read is refused in the log', async () => {
    const { request, log } = await run('timer', '', { schedule: 'often' });

    expect(request).toBeUndefined();
    expect(log.messages()[0]).toContain("The schedule expression 'often'");
  });

  it.each([
    ['Tokyo', { string: 'Tokyo' }],
    ['"Tokyo"', { string: 'Tokyo' }],
    ['"{\\"a\\":1}"', { string: '{"a":1}' }],
    ['{"a":1}', { string: '{"a":1}' }],
    ['"broken', { string: '"broken' }],
    ['"a" and "b"', { string: '"a" and "b"' }],
    ['', {}],
    [undefined, {}],
  ])('of an activity with %j gives it %j', async (input, value) => {
    const { request } = await run('activity', input);

    expect(request?.triggerData).toEqual(value);
    expect(request?.triggerMetadata).toMatchObject({ data: value, value });
    expect(request?.triggerMetadata?.['instanceId']?.string).toMatch(/^[\da-f]{32}$/);
  });

  it.each([
    ['instance-1', { string: 'instance-1' }],
    ['{"a":1}', { string: '{"a":1}' }],
    ['', { string: '' }],
    [undefined, {}],
  ])('of a manualTrigger, or one that is not known, with %j gives it %j', async (input, value) => {
    const { request } = await run('manual', input);
    const { request: other } = await run('other', input, { type: 'serviceBusTrigger' });

    expect(request?.triggerData).toEqual(value);
    expect(other?.triggerData).toEqual(value);
  });

  it.each([
    [
      'orchestrator',
      'Durable orchestrator functions do not support direct invocation. Start an orchestration from a client function by using a Durable client.',
    ],
    [
      'entity',
      'Durable entity functions do not support direct invocation. Signal an entity from a client or orchestrator function by using a Durable client.',
    ],
    ['http', 'An HttpRequest is required.'],
    ['blob', 'There is no such blob.'],
  ] as const)('of an %s function is refused in the log', async (kind, message) => {
    const { request, log } = await run(kind, 'x');

    expect(request).toBeUndefined();
    expect(log.records).toMatchObject([{ level: 'error', category: 'Function.F' }]);
    expect(log.messages()[0]).toContain(message);
  });
});
