// Unit tests of the samples with Node's own test runner: no host, no storage, and three days pass at once.
//
//   npm run build && npm test --workspace durable-functions-samples-javascript
const assert = require('node:assert/strict');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { loadDurableApp } = require('durable-functions-extension/testing');

let app;
before(async () => {
  app = await loadDurableApp(path.dirname(__dirname));
});
after(() => app.dispose());

test('E1_HelloSequence greets three cities', async () => {
  const hello = await app.start('E1_HelloSequence');

  assert.deepEqual(await hello.output(), ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!']);
});

test('E2_FanOutFanIn counts the words of each text', async () => {
  const count = await app.start('E2_FanOutFanIn', ['a', 'b c'], {
    activities: { E2_CountWords: () => 10 },
  });

  assert.deepEqual(await count.output(), { texts: 2, words: 20 });
  assert.deepEqual(
    (await count.calls('E2_CountWords')).map(({ input }) => input),
    ['a', 'b c'],
  );
});

test('E3_Approval takes the event', async () => {
  const approval = await app.start('E3_Approval', { title: 'Two weeks in July' });
  assert.equal((await approval.status()).customStatus, 'waiting for approval');

  await approval.raise('Approval', true);

  assert.equal(await approval.output(), 'Two weeks in July: approved');
});

test('E3_Approval waits for a day, and no longer', async () => {
  const approval = await app.start('E3_Approval', { title: 'Two weeks in July' });

  await approval.skip({ hours: 23, minutes: 59 });
  assert.equal((await approval.status()).runtimeStatus, 'Running');

  assert.equal(await approval.output(), 'Two weeks in July: timed out');
});

test('E4_Order takes from stock, charges again until the bank answers, and delivers each item', async () => {
  let tries = 0;
  const order = await app.start(
    'E4_Order',
    { customer: 'Ada', items: ['lamp', 'lamp', 'teapot'], deliverInSeconds: 86_400 },
    {
      activities: {
        E4_ChargeCard: () => {
          tries += 1;
          if (tries < 3) throw new Error('The bank does not answer.');
          return true;
        },
      },
    },
  );

  await order.skip({ hours: 23 });
  assert.equal((await order.status()).customStatus, 'delivering');

  assert.deepEqual(await order.output(), ['lamp for Ada', 'lamp for Ada', 'teapot for Ada']);
  assert.equal(await app.entity('E4_Stock', 'lamp').state(), 98);
});

test('E4_Order puts back what was taken when the card is declined', async () => {
  const order = await app.start('E4_Order', { items: ['chair'], card: 'declined' });

  assert.equal(await order.output(), 'the card was declined');
  assert.equal(await app.entity('E4_Stock', 'chair').state(), 100);
});
