import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskMessage } from '../../../src/core/task-message.ts';
import { PutOffEvents } from '../../../src/engine/delivery/put-off-events.ts';
import { eventRaised, id, start, timerFired } from '../../contract/sample-messages.ts';

let nowMs: number;
let putOff: PutOffEvents;
beforeEach(() => {
  nowMs = 1_000;
  putOff = new PutOffEvents(() => nowMs);
});

const delivered = (
  dequeueCount: number,
  message: TaskMessage = eventRaised(id('a'), 'E'),
): { readonly message: TaskMessage; readonly dequeueCount: number } => ({ message, dequeueCount });
const pauseMsOf = ({ dequeueCount }: { readonly dequeueCount: number }): number =>
  dequeueCount * 100;

describe('events that are put off', () => {
  it('come again at one time, after the longest of their pauses', () => {
    const again = putOff.putOff([delivered(1), delivered(3, start(id('a')))], pauseMsOf);

    expect(again.map(([, dueMs]) => dueMs)).toEqual([1_300, 1_300]);
  });

  it('have those wait that come meanwhile, of the same instance, and only so long', () => {
    putOff.putOff([delivered(1)], pauseMsOf);

    expect(putOff.fromMs(eventRaised(id('a'), 'Later'))).toBe(1_100);
    expect(putOff.fromMs(eventRaised(id('b'), 'Other'))).toBe(0);
    nowMs = 1_100;
    expect(putOff.fromMs(eventRaised(id('a'), 'Later'))).toBe(0);
  });

  it('hold nothing up that is no event: a timer, or an answer', () => {
    putOff.putOff([delivered(1)], pauseMsOf);

    expect(putOff.fromMs(timerFired(start(id('a')), 1, 0))).toBe(0);
    expect(putOff.fromMs(start(id('a')))).toBe(0);
  });

  it('are not waited for where only others were put off', () => {
    const again = putOff.putOff([delivered(2, timerFired(start(id('a')), 1, 0))], pauseMsOf);

    expect(again.map(([, dueMs]) => dueMs)).toEqual([1_200]);
    expect(putOff.fromMs(eventRaised(id('a'), 'Later'))).toBe(0);
  });

  it('are waited for no longer once their instance has begun', () => {
    putOff.putOff([delivered(1)], pauseMsOf);

    expect(putOff.endWithStart(id('a'), [{ ...delivered(1), hasNoHistory: false }])).toBe(false);
    const begun = { ...delivered(1, start(id('a'))), hasNoHistory: false };
    expect(putOff.endWithStart(id('a'), [begun])).toBe(true);
    expect(putOff.endWithStart(id('a'), [begun])).toBe(false);
    expect(putOff.fromMs(eventRaised(id('a'), 'Later'))).toBe(0);
  });
});
