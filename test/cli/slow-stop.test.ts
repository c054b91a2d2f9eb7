import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { explainSlowStop } from '../../src/cli/commands/slow-stop.ts';
import { terminal } from '../../src/cli/output.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function stop(endsAfterMs: number): readonly string[] {
  const notes: string[] = [];
  const drain = new AbortController();
  const signals = { drain: drain.signal, abort: drain.signal, dispose: () => undefined };
  const stopExplaining = explainSlowStop(signals, {
    ...terminal,
    note: (text) => notes.push(text),
  });
  drain.abort();
  vi.advanceTimersByTime(endsAfterMs);
  stopExplaining();
  vi.advanceTimersByTime(60_000);
  return notes;
}

it('says once why func start does not end yet, and what ends it', () => {
  expect(stop(5_000)).toEqual([
    'The host ends when what it is doing has finished. Press Ctrl+C again to end at once.',
  ]);
});

it('says nothing when it ends soon', () => {
  expect(stop(500)).toEqual([]);
});
