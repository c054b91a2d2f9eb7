import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disposing, type Fixture, loadFixture } from './load-fixture.ts';

let v4: Fixture;
let classic: Fixture;

beforeAll(async () => {
  v4 = await loadFixture('v4-commonjs');
  classic = await loadFixture('classic-v2');
  return disposing(v4, classic);
});
afterAll(async () => {
  await v4.app.dispose();
  await classic.app.dispose();
});

/** The result as the orchestration gets it. */
async function run(fixture: Fixture, functionName: string, input: string | null): Promise<unknown> {
  const outcome = await fixture.invoker.runActivity({ functionName, instanceId: '123', input });
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
  return outcome.result;
}

describe('the input of an activity', () => {
  it.each([
    ['["\\"text\\""]', '["string","text"]'],
    ['["bare text"]', '["string","bare text"]'],
    ['["123"]', '["number",123]'],
    ['[5]', '["number",5]'],
    ['[true]', '["boolean",true]'],
    ['[false]', '["boolean",false]'],
    ['[{"a":[1]}]', '["object",{"a":[1]}]'],
    ['[[1,2]]', '["object",[1,2]]'],
    ['["\\"\\""]', '["string",""]'],
    ['[null]', '["undefined","nothing"]'],
    [null, '["undefined","nothing"]'],
    ['{"bare":1}', '["object",{"bare":1}]'],
  ])('%s arrives as %s', async (input, expected) => {
    const result = await run(v4, 'InputType', input);

    expect(result).toBe(expected);
  });

  it('is there in the classic model as argument and as binding', async () => {
    expect(await run(classic, 'Echo', '["\\"x\\""]')).toBe('"x"');
    expect(await run(classic, 'EchoOther', '[false]')).toBe('false');
  });

  it('comes with the instance id, which stays text', async () => {
    const metadata = JSON.parse(String(await run(v4, 'Metadata', '[{"a":1}]'))) as object;

    expect(metadata).toMatchObject({
      instanceId: '123',
      data: { a: 1 },
      sys: { methodName: 'Metadata' },
    });
  });

  it('comes with the binding data in the classic model', async () => {
    expect(await run(classic, 'Metadata', '[{"a":1}]')).toBe(
      '{"instanceId":"123","data":{"a":1},"item":{"a":1},"directory":"Metadata"}',
    );
  });
});

describe('the result of an activity', () => {
  it.each([
    ['text', '"plain"'],
    ['zero', '0'],
    ['half', '0.5'],
    ['no', 'false'],
    ['empty', '""'],
    ['null', null],
    ['missing', null],
    ['object', '{"a":[1]}'],
    ['bytes', '"aGk="'],
  ])('%s becomes %s', async (kind, expected) => {
    expect(await run(v4, 'Kinds', JSON.stringify([kind]))).toBe(expected);
  });

  it.each(['0', 'false', '""'])('%s is not lost by the classic model', async (value) => {
    const input = JSON.stringify([JSON.parse(value)]);

    expect(await run(classic, 'EchoOther', value === '""' ? '["\\"\\""]' : input)).toBe(value);
  });

  it('that JSON cannot hold is a failure', async () => {
    await expect(run(v4, 'Kinds', '["big"]')).rejects.toThrow(
      "Activity function 'Kinds' failed: Do not know how to serialize a BigInt",
    );
  });

  it('may come with an output binding', async () => {
    expect(await run(v4, 'Queues', '[7]')).toBe('"done"');
    expect(v4.queued).toEqual([{ fn: 'Queues', queue: 'orders', value: { json: '{"queued":7}' } }]);
  });
});

describe('the failure of an activity', () => {
  it.each([
    ['error', 'boom x'],
    ['text', 'just text'],
    ['object', '{"code":7}'],
    ['circular', "<ref *1> { name: 'round', self: [Circular *1] } (not JSON: "],
    ['cause', 'with cause'],
    ['undefined', 'Unknown error'],
  ])('thrown as %s has a message', async (kind, message) => {
    const outcome = await v4.invoker.runActivity({
      functionName: 'Fails',
      instanceId: 'i',
      input: JSON.stringify([kind]),
    });

    expect(outcome).toMatchObject({ kind: 'failed', failureDetails: null });
    const { reason, details } = outcome as { reason: string; details: string };
    expect(reason).toContain(`Activity function 'Fails' failed: ${message}`);
    expect(JSON.parse(details)).toMatchObject({
      Message: expect.stringContaining(message) as string,
      InnerException: { RemoteMessage: expect.stringContaining(message) as string },
    });
  });

  it('tells where it was thrown', async () => {
    const outcome = await v4.invoker.runActivity({
      functionName: 'Fails',
      instanceId: 'i',
      input: '["error"]',
    });

    const { details } = outcome as { details: string };
    expect(JSON.parse(details)).toMatchObject({
      $type: 'System.Exception, System.Private.CoreLib',
      ClassName: 'System.Exception',
      Message: 'boom x',
      InnerException: {
        RemoteMessage: 'boom x',
        RemoteStackTrace: expect.stringContaining('activities.js') as string,
      },
    });
  });

  it('has details when the app has an exception properties provider', async () => {
    const outcome = await v4.invoker.runActivity({
      functionName: 'Provided',
      instanceId: 'i',
      input: null,
    });

    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: "Activity function 'Provided' failed: bad order",
      failureDetails: {
        ErrorType: 'TypeError',
        ErrorMessage: 'bad order',
        IsNonRetriable: false,
        Properties: { orderId: 5 },
      },
    });
  });

  it.each([
    ['throw', 'boom x'],
    ['done', 'boom done'],
    ['text', 'just text'],
  ])('in the classic model by %s has a message', async (kind, message) => {
    await expect(run(classic, 'Fails', JSON.stringify([kind]))).rejects.toThrow(
      `Activity function 'Fails' failed: ${message}`,
    );
  });

  it('is the answer for an activity that the app does not have', async () => {
    await expect(run(v4, 'Nobody', null)).rejects.toThrow(
      "Activity function 'Nobody' failed: Activity function 'Nobody' does not exist.",
    );
  });
});

describe('the name of an activity', () => {
  it('may be given by the trigger', async () => {
    expect(classic.invoker.functions.activities).toContain('OtherName');
    expect(await run(classic, 'othername', null)).toBe('"renamed"');
  });

  it('is known when the function is disabled, and a run of it fails', async () => {
    expect(classic.fn('SwitchedOff').isDisabled).toBe(true);
    expect(classic.invoker.functions.activities).toContain('SwitchedOff');
    expect(classic.invoker.functions.disabled?.activities).toEqual(['SwitchedOff']);
    await expect(run(classic, 'SwitchedOff', null)).rejects.toThrow(
      "Activity function 'SwitchedOff' failed: Activity function 'SwitchedOff' is disabled.",
    );
  });
});
