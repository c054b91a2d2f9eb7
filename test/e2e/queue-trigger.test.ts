/** Apps of both models on queues: a message starts an orchestration, whose activity writes a message; failures; a crash. */
import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { post } from '../support/instances.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';
import { freshName, storage } from '../bindings/bound-app.ts';
import { base64, countMessages, createQueue, peek } from '../bindings/queue-app.ts';

/** Beside the app: a file within it would restart it. */
const heldFile = ({ folder }: ScratchApp): string => `${folder}-held.json`;

const HANG = `
  require('node:fs').writeFileSync(process.env.HELD_FILE, JSON.stringify({ id, popReceipt }));
  await new Promise(() => undefined);`;

const V4 = {
  'package.json': { main: 'index.js' },
  'index.js': `
    const { app, output } = require('@azure/functions');
    const df = require('durable-functions');
    const shipped = output.storageQueue({ queueName: '%SHIPPED%', connection: 'AzureWebJobsStorage' });
    app.storageQueue('OnOrder', {
      queueName: '%ORDERS%', connection: 'AzureWebJobsStorage', extraInputs: [df.input.durableClient()],
      handler: (order, context) => df.getClient(context).startNew('Ship', { input: order }),
    });
    df.app.orchestration('Ship', function* (context) {
      return yield context.df.callActivity('Send', context.df.getInput());
    });
    df.app.activity('Send', {
      extraOutputs: [shipped],
      handler: (order, context) => context.extraOutputs.set(shipped, [{ ...order, isShipped: true }]),
    });
    app.storageQueue('Breaks', {
      queueName: '%BROKEN%', connection: 'AzureWebJobsStorage',
      handler: () => { throw new Error('broken'); },
    });
    app.storageQueue('Slow', {
      queueName: '%SLOW%', connection: 'AzureWebJobsStorage',
      handler: async (item, context) => {
        const { id, popReceipt } = context.triggerMetadata;
        if (process.env.HELD_FILE) {${HANG}}
        context.log('done with ' + item);
      },
    });`,
};

const trigger = (queueName: string) => ({
  type: 'queueTrigger',
  direction: 'in',
  name: 'item',
  queueName,
  connection: 'AzureWebJobsStorage',
});

const CLASSIC = {
  'OnOrder/function.json': {
    bindings: [trigger('%ORDERS%'), { type: 'durableClient', direction: 'in', name: 'starter' }],
  },
  'OnOrder/index.js': `
    const df = require('durable-functions');
    module.exports = (context, order) => df.getClient(context).startNew('Ship', undefined, order);`,
  'Ship/function.json': {
    bindings: [{ type: 'orchestrationTrigger', direction: 'in', name: 'context' }],
  },
  'Ship/index.js': `
    const df = require('durable-functions');
    module.exports = df.orchestrator(function* (context) {
      return yield context.df.callActivity('Send', context.df.getInput());
    });`,
  'Send/function.json': {
    bindings: [
      { type: 'activityTrigger', direction: 'in', name: 'order' },
      { type: 'queue', direction: 'out', name: 'shipped', queueName: '%SHIPPED%' },
    ],
  },
  'Send/index.js': `module.exports = async (context, order) => {
    context.bindings.shipped = [{ ...order, isShipped: true }];
  };`,
  'Breaks/function.json': { bindings: [trigger('%BROKEN%')] },
  'Breaks/index.js': `module.exports = async () => { throw new Error('broken'); };`,
};

describe.each([
  ['v4', V4, 'durable-functions'],
  ['classic', CLASSIC, 'durable-functions-v2'],
])('a %s app on queues', (_, files, sdk) => {
  const hubName = freshHubName('Queues');
  const [ORDERS, SHIPPED, BROKEN, SLOW] = ['o', 's', 'b', 'w'].map(freshName) as [
    ...[string, string, string, string],
  ];
  const env = { AzureWebJobsStorage: azuriteConnectionString(), ORDERS, SHIPPED, BROKEN, SLOW };
  let app: ScratchApp;
  let func: FuncProcess;

  beforeAll(async () => {
    await Promise.all([ORDERS, SHIPPED, BROKEN, SLOW].map(createQueue));
    app = await createScratchApp({
      files: {
        ...files,
        'host.json': { version: '2.0', extensions: { durableTask: { hubName } } },
      },
      packages: { '@azure/functions': '@azure/functions', 'durable-functions': sdk },
    });
    func = await startFunc({ cwd: app.folder, env: { ...env, HELD_FILE: heldFile(app) } });
  });
  afterAll(async () => {
    await func.stop();
    await app.remove();
    await rm(heldFile(app), { force: true });
  });

  it('starts an orchestration for a message, whose activity writes another', async () => {
    await storage().queue(ORDERS).sendMessage(base64('{"id":1}'));

    const texts = await eventually(async () => {
      const found = await peek(SHIPPED);
      return found.length > 0 ? found : undefined;
    });

    expect(texts).toEqual(['{"id":1,"isShipped":true}']);
  });

  it('runs a function by hand as for a message', async () => {
    const answer = await post(`${func.url}/admin/functions/OnOrder`, { input: '{"id":2}' });

    expect(answer.status).toBe(202);
    await eventually(async () => (await peek(SHIPPED)).includes('{"id":2,"isShipped":true}'));
  });

  it('puts a message that fails five times into the poison queue', async () => {
    await storage().queue(BROKEN).sendMessage(base64('bad'));

    await eventually(async () => (await peek(`${BROKEN}-poison`)).includes('bad'));

    expect(func.output().split("Executed 'Functions.Breaks' (Failed")).toHaveLength(6);
    expect(await countMessages(BROKEN)).toBe(0);
  });

  it.runIf(files === V4)('loses no message when it is killed', async () => {
    const queue = storage().queue(SLOW);
    await queue.sendMessage(base64('a job'));
    const held = await eventually(async () => {
      const text = await readFile(heldFile(app), 'utf8');
      return JSON.parse(text) as { readonly id: string; readonly popReceipt: string };
    });

    func.signal('SIGKILL');
    await func.exited;
    expect([await countMessages(SLOW), await peek(SLOW)]).toEqual([1, []]);
    // What would happen by itself ten minutes later.
    await queue.updateMessage(held.id, held.popReceipt, undefined, 0);
    func = await startFunc({ cwd: app.folder, env });

    await eventually(() => func.output().includes('done with a job'));
    await eventually(async () => (await countMessages(SLOW)) === 0);
  });
});
