import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { patience } from '../support/patience.ts';
import { freshName, storage } from './bound-app.ts';
import {
  base64,
  classicQueueFunction,
  countMessages,
  createQueue,
  peek,
  queueApp,
  v4QueueFunction,
} from './queue-app.ts';

const RETURN_ITEM = 'return JSON.stringify(item);';

async function waitForRuns(results: readonly unknown[], count: number): Promise<void> {
  await eventually(() => results.length >= count, { timeoutMs: 20_000 });
}

describe('a queue trigger', () => {
  it.each([
    ['classic', classicQueueFunction],
    ['v4', v4QueueFunction],
  ])('gives a %s function the text, parsed when it is JSON, and removes it', async (_, files) => {
    const name = freshName('q');
    const queue = await createQueue(name);
    await queue.sendMessage(base64('plain é'));
    await queue.sendMessage(base64('{"a":[1]}'));
    const app = await queueApp(files(name, RETURN_ITEM));

    app.start();
    await waitForRuns(app.results, 2);
    await app.stop();

    expect(new Set(app.returned())).toEqual(new Set(['"plain é"', '{"a":[1]}']));
    expect(await countMessages(name)).toBe(0);
  });

  it('gives metadata of the message and the members of its JSON', async () => {
    const name = freshName('q');
    const queue = await createQueue(name);
    const { messageId } = await queue.sendMessage(base64('{"region":"west","id2":7}'));
    const app = await queueApp(
      v4QueueFunction(name, 'return JSON.stringify(context.triggerMetadata);'),
    );

    app.start();
    await waitForRuns(app.results, 1);

    const [metadata = ''] = app.returned();
    expect(JSON.parse(metadata)).toMatchObject({
      queueTrigger: { region: 'west', id2: 7 },
      dequeueCount: 1,
      id: messageId,
      insertionTime: expect.stringMatching(/^\d{4}-.*\+00:00$/) as string,
      expirationTime: expect.stringMatching(/\+00:00$/) as string,
      nextVisibleTime: expect.stringMatching(/\+00:00$/) as string,
      popReceipt: expect.stringMatching(/./) as string,
      region: 'west',
      id2: 7,
    });
  });

  it('gives bytes to a function whose dataType is binary', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage(Buffer.from([0, 255]).toString('base64'));
    const code = 'return Buffer.isBuffer(item) && item.toString("hex");';
    const app = await queueApp(
      classicQueueFunction(name, code, { trigger: { dataType: 'binary' } }),
    );

    app.start();
    await waitForRuns(app.results, 1);

    expect(app.returned()).toEqual(['00ff']);
  });

  it('reads plain text when messageEncoding says so', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage('a < b & "c"');
    const app = await queueApp(classicQueueFunction(name, RETURN_ITEM), {
      messageEncoding: 'none',
    });

    app.start();
    await waitForRuns(app.results, 1);

    expect(app.returned()).toEqual([JSON.stringify('a < b & "c"')]);
  });

  it('waits for a queue that does not exist yet', async () => {
    const name = freshName('q');
    const app = await queueApp(classicQueueFunction(name, RETURN_ITEM));

    app.start();
    await (await createQueue(name)).sendMessage(base64('late'));
    await waitForRuns(app.results, 1);

    expect(app.returned()).toEqual(['"late"']);
  });

  it('says once that its account does not answer, and goes on asking', async () => {
    const { app, log, start } = await queueApp(classicQueueFunction('orders', RETURN_ITEM), {
      connectionString:
        'QueueEndpoint=http://127.0.0.1:1/nobody;AccountName=nobody;AccountKey=eA==',
    });

    start();
    const polls = () => log.records.filter(({ message }) => message.includes("queue 'orders'"));
    await eventually(() => polls().length >= 2);

    expect(app.problems).toEqual([]);
    expect(
      polls()
        .slice(0, 2)
        .map(({ level }) => level),
    ).toEqual(['error', 'debug']);
    expect(polls()[0]?.message).toContain("Could not receive messages from queue 'orders'");
  });

  it('says why and on which message it runs', async () => {
    const name = freshName('q');
    const { messageId } = await (await createQueue(name)).sendMessage(base64('x'));
    const app = await queueApp(classicQueueFunction(name, RETURN_ITEM));

    app.start();
    await waitForRuns(app.results, 1);

    const messages = app.log.messages();
    expect(messages).toContainEqual(
      expect.stringContaining(`(Reason='New queue message detected on '${name}'.', Id=`),
    );
    expect(messages).toContainEqual(
      expect.stringContaining(`MessageId: ${messageId}, DequeueCount: 1, InsertedOn: 20`),
    );
  });
});

describe('a message whose function fails', () => {
  it('is tried five times and then lies in the poison queue', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage(base64('bad'));
    const app = await queueApp(
      v4QueueFunction(name, 'throw new Error("try " + context.triggerMetadata.dequeueCount);'),
    );

    app.start();
    await eventually(async () => (await countMessages(`${name}-poison`)) === 1);
    await app.stop();

    expect(app.returned()).toEqual([1, 2, 3, 4, 5].map((count) => `try ${count}`));
    expect(await peek(`${name}-poison`)).toEqual(['bad']);
    expect(await countMessages(name)).toBe(0);
    expect(app.log.messages()).toContain(
      `Message has reached MaxDequeueCount of 5. Moving message to queue '${name}-poison'.`,
    );
  });

  it('may succeed at a later try', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage(base64('x'));
    const code = 'if (context.bindingData.dequeueCount < 3) throw new Error("no"); return "yes";';
    const app = await queueApp(classicQueueFunction(name, code));

    app.start();
    await waitForRuns(app.results, 3);
    await app.stop();

    expect(app.returned()).toEqual(['no', 'no', 'yes']);
    expect(await countMessages(name)).toBe(0);
  });

  it('stays hidden for the visibilityTimeout between two tries', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage(base64('x'));
    const app = await queueApp(classicQueueFunction(name, 'throw new Error("no");'), {
      visibilityTimeoutMs: 60_000,
    });

    app.start();
    await waitForRuns(app.results, 1);
    await app.stop();

    expect(await peek(name)).toEqual([]);
    expect(await countMessages(name)).toBe(1);
  });

  it('stays hidden when its queue is a poison queue itself', async () => {
    const name = `${freshName('q')}-poison`;
    await (await createQueue(name)).sendMessage(base64('x'));
    const app = await queueApp(classicQueueFunction(name, 'throw new Error("no");'), {
      maxDequeueCount: 1,
    });

    app.start();
    await waitForRuns(app.results, 1);
    await app.stop();

    expect(await peek(name)).toEqual([]);
    expect(await countMessages(name)).toBe(1);
  });

  it('that is not Base64, or no text, goes to the poison queue unseen', async () => {
    const name = freshName('q');
    const queue = await createQueue(name);
    await queue.sendMessage('not base64!');
    await queue.sendMessage(Buffer.from([0xff]).toString('base64'));
    const app = await queueApp(classicQueueFunction(name, RETURN_ITEM));

    app.start();
    await eventually(async () => (await countMessages(`${name}-poison`)) === 2);
    await app.stop();

    expect(app.results).toEqual([]);
    const { peekedMessageItems } = await storage()
      .queue(`${name}-poison`)
      .peekMessages({ numberOfMessages: 2 });
    expect(peekedMessageItems.map(({ messageText }) => messageText)).toContain('not base64!');
    expect(app.log.messages().join('\n')).toContain('"messageEncoding": "none"');
  });
});

describe('messages in work', () => {
  it('are at most batchSize and newBatchThreshold', async () => {
    const name = freshName('q');
    const queue = await createQueue(name);
    for (let index = 0; index < 12; index++) await queue.sendMessage(base64(String(index)));
    const code = `globalThis.${name} ??= { now: 0, most: 0 };
      const counts = globalThis.${name};
      counts.most = Math.max(counts.most, ++counts.now);
      await new Promise((resolve) => setTimeout(resolve, 30));
      counts.now--;
      return String(counts.most);`;
    const app = await queueApp(classicQueueFunction(name, code), {
      batchSize: 2,
      newBatchThreshold: 1,
    });

    app.start();
    await waitForRuns(app.results, 12);

    const most = Math.max(...app.returned().map(Number));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('are held for as long as their function runs', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage(base64('x'));
    // Queues count in seconds; what is held is to be held again before half of it is over, on a busy machine, too.
    const holdMs = Math.ceil(patience()) * 1_000;
    const code = `await new Promise((resolve) => setTimeout(resolve, ${3.5 * holdMs})); return "once";`;
    const app = await queueApp(classicQueueFunction(name, code), { holdMs });

    app.start();
    await waitForRuns(app.results, 1);
    await app.stop();

    expect(app.returned()).toEqual(['once']);
    expect(await countMessages(name)).toBe(0);
  });

  it('come to their end before a stop does', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage(base64('x'));
    const code = `globalThis.${name} = true;
      await new Promise((resolve) => setTimeout(resolve, 300)); return "done";`;
    const app = await queueApp(classicQueueFunction(name, code));

    app.start();
    await eventually(() => (globalThis as Record<string, unknown>)[name]);
    await app.stop();

    expect(app.returned()).toEqual(['done']);
    expect(await countMessages(name)).toBe(0);
  });

  it('are given back by a stop that cannot wait', async () => {
    const name = freshName('q');
    await (await createQueue(name)).sendMessage(base64('x'));
    const code = `await new Promise((resolve) => { globalThis.${name} = resolve; });`;
    const app = await queueApp(classicQueueFunction(name, code));

    app.start();
    const finish = await eventually(() => (globalThis as Record<string, unknown>)[name]);
    await app.stop(AbortSignal.abort());

    expect(await peek(name)).toEqual(['x']);
    (finish as () => void)();
  });
});

describe('a function with a queue trigger', () => {
  it.each([
    [{ queueName: 'Not a name' }, "The binding 'item': 'Not a name' cannot be the name of a queue"],
    [{ queueName: undefined }, "The binding 'item': it names no queue."],
  ])('is in error when no queue can be meant: %o', async (trigger, reason) => {
    const { problems } = await queueApp(classicQueueFunction('x', RETURN_ITEM, { trigger }));

    expect(problems).toEqual([
      { functionName: 'F', reason: expect.stringContaining(reason) as string },
    ]);
  });

  it('is told when it has retry options, which it cannot use', async () => {
    const files = classicQueueFunction(freshName('q'), RETURN_ITEM);
    const retry = { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: '00:00:01' };
    const json = files['F/function.json'] as object;
    const app = await queueApp({ ...files, 'F/function.json': { ...json, retry } });

    expect(app.problems).toEqual([]);
    expect(app.log.messages()).toContainEqual(
      expect.stringContaining(
        "The function 'F' has retry options, which queue triggers do not use",
      ),
    );
  });
});
