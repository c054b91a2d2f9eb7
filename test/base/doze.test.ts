import { describe, expect, it } from 'vitest';
import { Doze } from '../../src/base/doze.ts';
import { within } from '../support/eventually.ts';

describe('Doze', () => {
  it('ends early when woken', async () => {
    const doze = new Doze();
    const asleep = doze.sleep(Infinity);

    doze.wake();

    await within(asleep, 'waking up', 1_000);
  });

  it('keeps a wake-up for the next sleeper', async () => {
    const doze = new Doze();

    doze.wake();

    await within(doze.sleep(Infinity), 'waking up', 1_000);
  });

  it('uses a wake-up once', async () => {
    const doze = new Doze();
    doze.wake();
    await doze.sleep(Infinity);

    await expect(within(doze.sleep(Infinity), 'waking up', 50)).rejects.toThrow('not within');
  });
});
