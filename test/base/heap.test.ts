import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../src/base/heap.ts';

function heapOf(numbers: readonly number[]): Heap<number> {
  const heap = new Heap<number>((a, b) => a < b);
  for (const number of numbers) heap.add(number);
  return heap;
}

function takeAllInOrder(heap: Heap<number>): number[] {
  const taken: number[] = [];
  for (let next = heap.takeFirst(); next !== undefined; next = heap.takeFirst()) taken.push(next);
  return taken;
}

const byNumber = (a: number, b: number): number => a - b;

describe('Heap', () => {
  it('gives back in order what came in any', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        expect(takeAllInOrder(heapOf(numbers))).toEqual([...numbers].sort(byNumber));
      }),
    );
  });

  it('is in order also after some were taken out of the middle', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = heapOf(numbers);

        const taken = heap.takeAll((number) => number % 3 === 0);

        expect([...taken].sort(byNumber)).toEqual(
          numbers.filter((number) => number % 3 === 0).sort(byNumber),
        );
        expect(takeAllInOrder(heap)).toEqual(
          numbers.filter((number) => number % 3 !== 0).sort(byNumber),
        );
      }),
    );
  });

  it('has no first when it is empty', () => {
    const heap = heapOf([]);

    expect([heap.size, heap.first(), heap.takeFirst()]).toEqual([0, undefined, undefined]);
  });
});
