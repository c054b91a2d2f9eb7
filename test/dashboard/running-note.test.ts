import { describe, expect, it } from 'vitest';
import { runningNote, type Running } from '../../src/dashboard/overview/running-note.ts';

const began = (instanceId: string) => ({
  kind: 'activity' as const,
  name: 'Charge',
  instanceId,
  since: '2026-01-31T10:00:00.000Z',
  worker: null,
});
const told = (total: number, others: readonly (number | null)[], shown = total): Running => ({
  total,
  running: Array.from({ length: shown }, (_, n) => began(`order-${n}`)),
  others: others.map((each, n) => ({ worker: `machine-${n}`, total: each })),
});

describe('the note of what runs now', () => {
  it.each([
    ['0 in this process', told(0, [])],
    ['3 in this process and another worker', told(3, [1])],
    ['3 in this process and 2 other workers', told(3, [1, 0])],
    ['2 in this process; another worker cannot be asked from here', told(2, [null])],
    [
      '1,200 in this process and another worker, the 20 that began first; 2 other workers cannot be asked from here',
      told(1_200, [7, null, null], 20),
    ],
  ])('is %j', (note, running) => {
    expect(runningNote(running)).toBe(note);
  });
});
