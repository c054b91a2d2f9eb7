/** Who is told of what was put for others, how often, and what is asked of storage for it. */
import { describe, expect, it } from 'vitest';
import { newWorkerName } from '../../src/azure-storage/partitions/worker-name.ts';
import type { DoorbellAddress, Waiting } from '../../src/azure-storage/wake-ups/doorbell.ts';
import { WakeUps, type WorkerWithDoor } from '../../src/azure-storage/wake-ups/wake-ups.ts';

const HERE = newWorkerName();
const ELSEWHERE = 'other-machine:1:00000000:c03e55';

const door = (name: string, host = '127.0.0.1'): DoorbellAddress => ({
  url: `http://${host}:17071/${name}`,
  key: `key of ${name}`,
});

function owned(partition: number, doorbell?: DoorbellAddress, owner = HERE): WorkerWithDoor {
  return { partition, owner, doorbell };
}

/** A hub whose table can be changed, and whose doors answer when they are let. */
class Street {
  rows: readonly WorkerWithDoor[];
  looks = 0;
  nowMs = 0;
  readonly rung: string[] = [];
  readonly #open: ((isRight: boolean) => void)[] = [];
  readonly wakeUps: WakeUps;

  constructor(rows: readonly WorkerWithDoor[]) {
    this.rows = rows;
    this.wakeUps = new WakeUps({
      readOwners: () => {
        this.looks += 1;
        return Promise.resolve(this.rows);
      },
      ownName: () => 'me',
      ownKey: 'key of me',
      ring: (address, waiting) => this.#ring(address, waiting),
      passedMs: () => this.nowMs,
    });
  }

  /** The doors at which somebody stands answer, and those at which somebody stands because of that. */
  async answer(isRight = true): Promise<void> {
    await this.quiet();
    for (const open of this.#open.splice(0)) open(isRight);
    await this.quiet();
  }

  async quiet(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  #ring({ key }: DoorbellAddress, waiting: Waiting): Promise<boolean> {
    this.rung.push(`${key.slice('key of '.length)}: ${waiting}`);
    return new Promise((resolve) => this.#open.push(resolve));
  }
}

describe('a message for the partition of another worker', () => {
  it('has its owner told, and nobody else', async () => {
    const street = new Street([owned(0, door('a')), owned(1, door('b'))]);

    street.wakeUps.tell(1);
    await street.answer();

    expect(street.rung).toEqual(['b: 1']);
  });

  it('is told once for many, and once more for those that came while it was told', async () => {
    const street = new Street([owned(0, door('a'))]);

    for (let message = 0; message < 50; message++) street.wakeUps.tell(0);
    await street.quiet();
    for (let message = 0; message < 50; message++) street.wakeUps.tell(0);
    expect(street.rung).toEqual(['a: 0']);
    await street.answer();
    await street.answer();

    expect(street.rung).toEqual(['a: 0', 'a: 0']);
  });

  it('is not told to this process itself, to an owner without a door, or where there is no owner', async () => {
    const street = new Street([
      owned(0, door('me')),
      owned(1),
      { ...owned(2, door('c')), owner: undefined },
    ]);

    for (const partition of [0, 1, 2, 3]) street.wakeUps.tell(partition);
    await street.answer();

    expect(street.rung).toEqual([]);
  });

  it('is not told to a loopback address of another machine, but to any other address', async () => {
    const street = new Street([
      owned(0, door('a'), ELSEWHERE),
      owned(1, door('b', 'localhost'), ELSEWHERE),
      owned(2, door('c', '[::1]'), ELSEWHERE),
      owned(3, door('d', '10.0.0.7'), ELSEWHERE),
    ]);

    for (const partition of [0, 1, 2, 3]) street.wakeUps.tell(partition);
    await street.answer();

    expect(street.rung).toEqual(['d: 3']);
  });
});

describe('an activity that everybody may run', () => {
  it('is told to every other worker once, however many partitions it owns', async () => {
    const street = new Street([
      owned(0, door('a')),
      owned(1, door('a')),
      owned(2, door('b')),
      owned(3, door('me')),
    ]);

    street.wakeUps.tell('activities');
    await street.answer();

    expect(street.rung).toEqual(['a: activities', 'b: activities']);
  });
});

describe('who owns what', () => {
  it('is asked of storage only when something was put, and once in ten seconds', async () => {
    const street = new Street([owned(0, door('a'))]);
    expect(street.looks).toBe(0);

    for (const nowMs of [0, 5_000, 9_999]) {
      street.nowMs = nowMs;
      street.wakeUps.tell(0);
      await street.answer();
    }
    expect(street.looks).toBe(1);
    street.nowMs = 10_000;
    street.wakeUps.tell(0);
    await street.answer();

    expect(street.looks).toBe(2);
    expect(street.rung).toHaveLength(4);
  });

  it('is known to a worker, which reads the table anyway, until it stops', async () => {
    const street = new Street([owned(0, door('a'))]);

    street.wakeUps.learn([owned(0, door('b'))]);
    street.nowMs = 3_600_000;
    street.wakeUps.tell(0);
    await street.answer();
    expect(street).toMatchObject({ looks: 0, rung: ['b: 0'] });
    street.wakeUps.forget();
    street.wakeUps.tell(0);
    await street.answer();

    expect(street).toMatchObject({ looks: 1, rung: ['b: 0', 'a: 0'] });
  });

  it('is asked again after a wrong door, at most once a second, and the hint is not repeated', async () => {
    const street = new Street([owned(0, door('a'))]);
    street.wakeUps.tell(0);
    await street.answer(false);
    street.rows = [owned(0, door('b'))];
    expect(street).toMatchObject({ looks: 1, rung: ['a: 0'] });

    street.wakeUps.tell(0);
    await street.answer(false);
    expect(street).toMatchObject({ looks: 1, rung: ['a: 0', 'a: 0'] });
    street.nowMs = 1_000;
    street.wakeUps.tell(0);
    await street.answer();

    expect(street).toMatchObject({ looks: 2, rung: ['a: 0', 'a: 0', 'b: 0'] });
  });

  it('may be unknown: then nobody is told, and nothing fails', async () => {
    let looks = 0;
    const wakeUps = new WakeUps({
      readOwners: () => {
        looks += 1;
        return Promise.reject(new Error('storage is away'));
      },
      ownName: () => 'me',
      ownKey: 'key of me',
      ring: () => Promise.reject(new Error('nobody is to be told')),
      passedMs: () => 0,
    });

    wakeUps.tell(0);
    wakeUps.tell('activities');
    await wakeUps.settled();
    wakeUps.tell(0);
    await wakeUps.settled();

    expect(looks).toBe(1);
  });
});

describe('a process that ends', () => {
  it('waits for the hints that are under way', async () => {
    const street = new Street([owned(0, door('a'))]);
    let isSettled = false;
    street.wakeUps.tell(0);
    street.wakeUps.tell('activities');
    void street.wakeUps.settled().then(() => (isSettled = true));
    await street.quiet();
    expect(isSettled).toBe(false);

    await street.answer();

    expect(isSettled).toBe(true);
    expect(street.rung).toEqual(['a: 0', 'a: activities']);
  });
});
