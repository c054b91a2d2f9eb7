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
