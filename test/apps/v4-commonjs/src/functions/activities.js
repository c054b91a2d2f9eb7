const { app, output } = require('@azure/functions');
const df = require('durable-functions');

df.app.activity('Echo', { handler: (input) => input });
df.app.activity('Kinds', {
  handler: (kind) =>
    ({
      text: 'plain',
      zero: 0,
      half: 0.5,
      no: false,
      empty: '',
      null: null,
      object: { a: [1] },
      bytes: Buffer.from('hi'),
      big: 1n,
    })[kind],
});
df.app.activity('Metadata', { handler: (_input, context) => context.triggerMetadata });
df.app.activity('InputType', {
  handler: (input) => [typeof input, input === undefined ? 'nothing' : input],
});
df.app.activity('Fails', {
  handler: async (kind) => {
    if (kind === 'error') throw new Error('boom x');
    if (kind === 'text') throw 'just text';
    if (kind === 'object') throw { code: 7 };
    if (kind === 'circular') {
      const cycle = { name: 'round' };
      cycle.self = cycle;
      throw cycle;
    }
    if (kind === 'cause') {
      const error = new Error('with cause');
      error.cause = error;
      throw error;
    }
    throw undefined;
  },
});
df.app.activity('Forgets', {
  handler: async () => {
    void Promise.reject(new Error('forgotten promise'));
    await new Promise((resolve) => setTimeout(resolve, 5000).unref());
  },
});
df.app.activity('Hooked', { handler: (input) => `${input}+run` });
df.app.activity('Forgiven', {
  handler: () => {
    throw new Error('not so bad');
  },
});
df.app.activity('Logs', {
  handler: (_input, context) => {
    context.warn('careful');
    context.log('secret words');
  },
});
df.app.activity('Provided', {
  handler: () => {
    const error = new TypeError('bad order');
    error.orderId = 5;
    throw error;
  },
});
df.app.setExceptionPropertiesProvider({
  getExceptionProperties: (error) =>
    error?.orderId === undefined ? undefined : { orderId: error.orderId },
});
const queue = output.storageQueue({ name: 'out', queueName: '%QUEUE%', connection: 'C' });
df.app.activity('Queues', {
  extraOutputs: [queue],
  handler: (input, context) => {
    context.extraOutputs.set(queue, { queued: input });
    return 'done';
  },
});
app.storageQueue('OnQueue', {
  queueName: '%QUEUE%',
  connection: 'C',
  return: output.storageQueue({ queueName: 'next', connection: 'C' }),
  handler: (message, context) => ({ message, count: context.triggerMetadata.dequeueCount }),
});
