// Unit tests of the samples with Vitest, which loads their TypeScript sources itself: no host, no storage, and a day passes at once.
//
//   npm run build && npm test --workspace durable-functions-samples-typescript
import { loadDurableApp, type DurableApp } from 'durable-functions-extension/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let app: DurableApp;
beforeAll(async () => {
  app = await loadDurableApp(async () => {
    await import('../functions/approval.ts');
    await import('../functions/fan-out-fan-in.ts');
    await import('../functions/hello-sequence.ts');
    await import('../functions/order.ts');
  });
});
afterAll(() => app.dispose());

test('E1_HelloSequence greets three cities', async () => {
  const hello = await app.start('E1_HelloSequence');

  expect(await hello.output()).toEqual(['Hello Tokyo!', 'Hello Seattle!', 'Hello London!']);
});

test('E2_FanOutFanIn fails when an activity does', async () => {
  const count = await app.start('E2_FanOutFanIn', ['a'], {
    activities: {
      E2_CountWords: () => {
        throw new Error('no words');
      },
    },
  });

  await expect(count.output()).rejects.toThrow(/no words/);
});

test('E3_Approval tells the decision', async () => {
  const notify = vi.fn(() => 'told');
  const approval = await app.start(
    'E3_Approval',
    { title: 'Two weeks in July' },
    { activities: { E3_Notify: notify } },
  );

  await approval.raise('Approval', false);

  expect(await approval.output()).toBe('told');
  expect(notify).toHaveBeenCalledWith({ title: 'Two weeks in July', decision: 'rejected' });
});

test('E3_Approval waits for a day, and no longer', async () => {
  const approval = await app.start('E3_Approval', { title: 'Two weeks in July' });

  await approval.skip({ hours: 23, minutes: 59 });
  expect(await approval.status()).toMatchObject({ customStatus: 'waiting for approval' });

  expect(await approval.output()).toBe('Two weeks in July: timed out');
});

test('E4_Order takes from stock, charges again until the bank answers, and delivers each item', async () => {
  const charge = vi
    .fn(() => true)
    .mockImplementationOnce(() => {
      throw new Error('The bank does not answer.');
    });
  const order = await app.start(
    'E4_Order',
    { customer: 'Ada', items: ['lamp', 'lamp', 'teapot'], deliverInSeconds: 86_400 },
    { activities: { E4_ChargeCard: charge } },
  );

  await order.skip({ hours: 23 });
  expect(await order.status()).toMatchObject({ customStatus: 'delivering' });

  expect(await order.output()).toEqual(['lamp for Ada', 'lamp for Ada', 'teapot for Ada']);
  expect(charge).toHaveBeenCalledTimes(2);
  expect(await app.entity('E4_Stock', 'lamp').state()).toBe(98);
});

test('E4_Order puts back what was taken when the card is declined', async () => {
  const order = await app.start('E4_Order', { items: ['chair'], card: 'declined' });

  expect(await order.output()).toBe('the card was declined');
  expect(await app.entity('E4_Stock', 'chair').state()).toBe(100);
});

test('E4_Order refuses what is sold out', async () => {
  const sold = await app.start('E4_Order', { items: Array.from({ length: 100 }, () => 'rug') });
  await sold.output();

  const order = await app.start('E4_Order', { items: ['vase', 'rug'] });

  expect(await order.output()).toBe('sold out: rug');
  expect(await app.entity('E4_Stock', 'vase').state()).toBe(100);
});
