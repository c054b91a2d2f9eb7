import { expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { eventTexts } from '../../src/local/histories.ts';

function completed(TaskScheduledId: number, Result: string): HistoryEvent {
  const common = { EventId: -1, IsPlayed: false, Timestamp: '2026-01-01T00:00:00.000Z' };
  return { ...common, EventType: 'TaskCompleted', TaskScheduledId, Result };
}

it('the events of a commit are one text, or several when they are very long', () => {
  const events = [1, 2, 3, 4, 5].map((id) => completed(id, 'x'.repeat(id * 1000)));

  const texts = eventTexts(events, 4000);

  expect(texts.map(({ offset }) => offset)).toEqual([0, 3, 4]);
  expect(texts.flatMap(({ text }) => JSON.parse(text) as HistoryEvent[])).toEqual(events);
  expect(eventTexts(events)).toEqual([{ offset: 0, text: JSON.stringify(events) }]);
  expect(eventTexts([])).toEqual([]);
});
