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
