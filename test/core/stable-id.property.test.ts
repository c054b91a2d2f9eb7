/** Ids of steps that may be run again: the same for the same step, another for any other, in every process. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toExecutionId } from '../../src/core/ids.ts';
import { fnv1a, partitionOf } from '../../src/core/partition-of.ts';
import { nextExecutionId, stableId } from '../../src/core/stable-id.ts';

const part = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
const parts = fc.array(part, { maxLength: 4 });

describe('a stable id', () => {
  it('is this one for ever: other processes, and later versions, must know it again', () => {
    expect(stableId('exec', 3, null)).toBe('a1dd279387f9b03805040d85b6490372');
    expect(nextExecutionId(toExecutionId('exec'))).toBe('d93c35f45ac6e335786f5f26f314e347');
  });

  it('is 32 hex digits, of the parts and of where one ends and the next begins', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(stableId(...a)).toMatch(/^[\da-f]{32}$/);
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        expect(stableId(...a) === stableId(...b)).toBe(isSame);
      }),
    );
    expect(stableId('ab', 'c')).not.toBe(stableId('a', 'bc'));
    expect(stableId('1')).not.toBe(stableId(1));
    expect(stableId(null)).not.toBe(stableId('null'));
  });

  it('gives each of a thousand generations an execution of its own', () => {
    const ids = [toExecutionId('exec')];
    for (let n = 1; n < 1_000; n++) ids.push(nextExecutionId(ids[n - 1] ?? toExecutionId('')));
    expect(new Set(ids).size).toBe(1_000);
  });
});

describe('the control queue of an instance', () => {
  it('is chosen by FNV-1a over the bytes of the id', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 16 }),
        (id, partitionCount) => {
          let hash = 0x811c9dc5n;
          for (const byte of Buffer.from(id, 'utf8')) {
            hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
          }
          expect(fnv1a(id)).toBe(Number(hash));
          expect(partitionOf(id, partitionCount)).toBe(Number(hash % BigInt(partitionCount)));
        },
      ),
    );
  });

  it('is each of them about as often', () => {
    const queues = Array.from({ length: 4_000 }, (_, n) => partitionOf(`order-${n}`, 4));
    for (const queue of [0, 1, 2, 3]) {
      expect(queues.filter((chosen) => chosen === queue).length).toBeGreaterThan(800);
    }
  });
});
