/** the loop that fetches and processes work outlives whatever goes wrong in it. */
import { afterEach, describe, expect, it } from 'vitest';
import { Slots } from '../../src/base/slots.ts';
import { WorkLoop, type WorkLoopOptions } from '../../src/engine/work-loop.ts';
import { eventually } from '../support/eventually.ts';

const loops: WorkLoop<number>[] = [];
const messages: string[] = [];

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
  messages.length = 0;
});

function startLoop(work: Pick<WorkLoopOptions<number>, 'fetch' | 'process'>, slots = 2): void {
  const log = { write: ({ message }: { message: string }) => void messages.push(message) };
  const loop = new WorkLoop({ name: 'test', taskHub: 'T', log, slots: new Slots(slots), ...work });
  loops.push(loop);
  loop.start();
}

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
