/** the loop that fetches and processes work outlives whatever goes wrong in it. */
import { afterEach, describe, expect, it } from 'vitest';
import { Slots } from '../../src/base/slots.ts';
import { WaitingLine } from '../../src/base/waiting-line.ts';
import { WorkLoop, type WorkLoopOptions } from '../../src/engine/work-loop.ts';
import { eventually } from '../support/eventually.ts';

const loops: WorkLoop<number>[] = [];
const messages: string[] = [];

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
  messages.length = 0;
});

type Work = Pick<WorkLoopOptions<number>, 'fetch' | 'process'> &
  Partial<Pick<WorkLoopOptions<number>, 'giveBack'>>;

/** @returns the slots, and what was given back. */
function startLoop(work: Work, slotCount = 2) {
  const log = { write: ({ message }: { message: string }) => void messages.push(message) };
  const slots = new Slots(slotCount);
  const returned: number[] = [];
  const giveBack = (item: number): Promise<void> => Promise.resolve(void returned.push(item));
  const loop = new WorkLoop({ name: 'test', taskHub: 'T', log, slots, giveBack, ...work });
  loops.push(loop);
  loop.start();
  return { slots, returned };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Gives 1 to `last`, then nothing more. */
function counter(last: number): WorkLoopOptions<number>['fetch'] {
  let next = 0;
  return async (signal) => {
    if (next < last) return ++next;
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    return undefined;
  };
}

describe('R-16 a loop', () => {
  it('goes on after fetches that fail', async () => {
    let failures = 0;
    const fetch = counter(3);
    const done: number[] = [];
    startLoop({
      fetch: (signal) => (failures++ < 2 ? Promise.reject(new Error('down')) : fetch(signal)),
      process: (item) => Promise.resolve(void done.push(item)),
    });

    await eventually(() => done.length === 3);

    expect(messages).toHaveLength(2);
  });

  it('goes on after items that fail, and loses no slot with them', async () => {
    const done: number[] = [];
    startLoop(
      {
        fetch: counter(20),
        process: (item) => {
          if (item < 20) throw new TypeError(`defect ${item}`);
          return Promise.resolve(void done.push(item));
        },
      },
      1,
    );

    await eventually(() => done.length === 1);

    expect(messages).toHaveLength(19);
  });
});

describe('a loop that shares its slots', () => {
  const queue: number[] = [];
  const line = new WaitingLine(() => queue.shift());
  const fetch: Work['fetch'] = (signal) => line.next(signal);
  const done: number[] = [];
  const process: Work['process'] = (item) => Promise.resolve(void done.push(item));

  afterEach(() => {
    queue.length = 0;
    done.length = 0;
  });

  it('waits for no more work than there is room for', async () => {
    const { slots } = startLoop({ fetch, process });
    expect(line.length).toBe(2);

    expect([slots.tryAcquire(), slots.tryAcquire()]).toEqual([true, true]);
    await nextTurn();
    expect(line.length).toBe(0);

    slots.release();
    await nextTurn();
    expect(line.length).toBe(1);
  });

  it('ends no fetch for a slot that is free again in the same turn', async () => {
    const signals: AbortSignal[] = [];
    const { slots } = startLoop({
      fetch: (signal) => {
        signals.push(signal);
        return line.next(signal);
      },
      process,
    });

    for (let n = 0; n < 5; n++) {
      slots.tryAcquire();
      await Promise.resolve();
      slots.release();
      await nextTurn();
    }

    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  it('makes no new signal for each item', async () => {
    const signals = new Set<AbortSignal>();
    startLoop(
      {
        fetch: (signal) => {
          signals.add(signal);
          return line.next(signal);
        },
        process,
      },
      1,
    );

    for (let item = 1; item <= 5; item++) {
      queue.push(item);
      line.serve();
      await eventually(() => done.length === item);
    }

    expect(signals.size).toBe(1);
  });

  it('takes no item that would have to wait for others', async () => {
    const { slots } = startLoop({ fetch, process }, 1);
    slots.tryAcquire();
    await nextTurn();
    queue.push(1);
    line.serve();
    expect(queue).toEqual([1]);

    slots.release();

    await eventually(() => done.length === 1);
    expect(slots.free).toBe(1);
  });

  it('gives back at once what comes when there is no room any more', async () => {
    let bring: (item: number) => void = () => undefined;
    const slow: Work['fetch'] = () => new Promise((resolve) => void (bring = resolve));
    const { slots, returned } = startLoop({ fetch: slow, process }, 1);
    slots.tryAcquire();

    bring(7);

    await eventually(() => returned.length === 1);
    expect(returned).toEqual([7]);
    expect(done).toEqual([]);
  });

  it('has its turn when others take every slot as soon as it is free', async () => {
    const giveBack: Work['giveBack'] = (item) => Promise.resolve(void queue.push(item));
    const { slots } = startLoop({ fetch, process, giveBack }, 1);
    slots.tryAcquire();
    queue.push(1);
    let has = true;
    const greedy = setInterval(() => {
      if (has) slots.release();
      has = slots.tryAcquire();
    }, 5);

    await eventually(() => done.length === 1).finally(() => {
      clearInterval(greedy);
    });

    expect(done).toEqual([1]);
  });

  it('leaves the slot of its turn to the others when nothing comes', async () => {
    const { slots } = startLoop({ fetch, process }, 1);
    slots.tryAcquire();
    await nextTurn();
    const waitsInTurn = () => line.length === 1 && slots.free === 0;
    let has = true;
    const greedy = setInterval(() => {
      if (has) slots.release();
      has = slots.tryAcquire();
    }, 5);

    await eventually(waitsInTurn);
    await eventually(() => has).finally(() => {
      clearInterval(greedy);
    });
    await nextTurn();

    expect(line.length).toBe(0);
  });
});
