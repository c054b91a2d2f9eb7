import { describe, expect, it } from 'vitest';
import { runManually } from '../../src/triggers/manual-run.ts';
import { eventually } from '../support/eventually.ts';
import { freshName, storage } from './bound-app.ts';
import {
  base64,
  classicQueueFunction,
  createQueue,
  peek,
  queueApp,
  type QueueAppOptions,
} from './queue-app.ts';

/** A function with one output `out`, run once by hand; its code sees `item`. */
async function writeOnce(
  code: string,
  { queueName, input = '', ...options }: QueueAppOptions & { queueName: string; input?: string },
) {
  const out = { type: 'queue', direction: 'out', name: 'out', queueName };
  const app = await queueApp(classicQueueFunction('unused', code, { bindings: [out] }), options);
  const [fn] = app.app.functions;
  if (fn === undefined) throw new Error(JSON.stringify(app.problems));
  await runManually({ app: { invoke: app.invoke }, fn, input, log: app.log });
  return app;
}

describe('a queue output', () => {
  it.each([
    ['a text', `'hi < & é'`, ['hi < & é']],
    ['an object', `{ a: 1 }`, ['{"a":1}']],
    ['a text that is JSON of an object', `'{ "a": 1 }'`, ['{ "a": 1 }']],
    ['a list', `['x', { a: 1 }, 2, null]`, ['x', '{"a":1}', '2']],
    ['the JSON text of a list', `'["x", {"a":1}]'`, ['x', '{"a":1}']],
    ['a text that only looks like a list', `'[x]'`, ['[x]']],
    ['bytes', `Buffer.from('bytes')`, ['bytes']],
    ['a number', `7`, ['7']],
    ['an empty list', `[]`, []],
  ])('takes %s', async (_, value, expected) => {
    const queueName = freshName('q');
    await createQueue(queueName);

    await writeOnce(`context.bindings.out = ${value};`, { queueName });

    expect(await peek(queueName)).toEqual(expected);
  });

  it.each(['null', 'undefined'])('takes %s for nothing', async (value) => {
    const queueName = freshName('q');

    await writeOnce(`context.bindings.out = ${value};`, { queueName });

    expect(await storage().queue(queueName).exists()).toBe(false);
  });

  it('makes its queue, whose name may depend on the message', async () => {
    const queueName = freshName('q');
    const input = '{"region":"West"}';

    await writeOnce(`context.bindings.out = 'x';`, { queueName: `${queueName}-{region}`, input });

    expect(await peek(`${queueName}-west`)).toEqual(['x']);
  });

  it('writes plain text when messageEncoding says so', async () => {
    const queueName = freshName('q');

    await writeOnce(`context.bindings.out = '<plain>';`, { queueName, messageEncoding: 'none' });

    const { peekedMessageItems } = await storage().queue(queueName).peekMessages();
    expect(peekedMessageItems.map(({ messageText }) => messageText)).toEqual(['<plain>']);
  });

  it('is not written when the function fails', async () => {
    const queueName = freshName('q');

    await writeOnce(`context.bindings.out = 'x'; throw new Error('no');`, { queueName });

    expect(await storage().queue(queueName).exists()).toBe(false);
  });

  it('that cannot be written fails the function, and says which output of which function', async () => {
    const { results } = await writeOnce(`context.bindings.out = 'x';`, {
      queueName: 'orders-{region}',
    });

    expect(results).toEqual([
      expect.objectContaining({
        kind: 'failed',
        message: expect.stringMatching(
          /^The queue output 'out' of function 'F' was not written: .*'region'/,
        ) as string,
      }),
    ]);
  });

  it('that is too large for a queue fails the function with the reason of the service', async () => {
    const { returned } = await writeOnce(`context.bindings.out = 'x'.repeat(100000);`, {
      queueName: freshName('q'),
    });

    expect(returned()).toEqual([
      expect.stringMatching(
        /^The queue output 'out' of function 'F' was not written: Could not put/,
      ),
    ]);
  });

  it('wakes the trigger of its queue at once', async () => {
    const name = freshName('q');
    await createQueue(name);
    const out = { type: 'queue', direction: 'out', name: '$return', queueName: name };
    const code = `return item === 'first' ? 'second' : null;`;
    const app = await queueApp(classicQueueFunction(name, code, { bindings: [out] }), {
      maxPollingIntervalMs: 60_000,
    });
    app.start();
    await storage().queue(name).sendMessage(base64('first'));

    await eventually(() => app.results.length === 2, { timeoutMs: 20_000 });
    await app.stop();

    expect(await peek(name)).toEqual([]);
  });

  it.each([
    [{ queueName: 'No Name' }, "'No Name' cannot be the name of a queue"],
    [{ queueName: 'okay', connection: 7 }, "its 'connection' must be the name of an app setting"],
    [{}, "The binding 'out': it names no queue."],
    [{ queueName: 'okay', direction: 'in' }, 'can be used for output only'],
  ])('is refused when it cannot work: %o', async (properties, reason) => {
    const out = { type: 'queue', direction: 'out', name: 'out', ...properties };
    const { problems } = await queueApp(classicQueueFunction('q-x', '', { bindings: [out] }));

    expect(problems).toEqual([
      { functionName: 'F', reason: expect.stringContaining(reason) as string },
    ]);
  });
});
