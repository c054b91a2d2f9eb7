import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HubBacklog, QueueBacklog } from '../../src/core/hub-backlog.ts';
import { wantedWorkers, type ScaleRule } from '../../src/core/wanted-workers.ts';

const RULE: ScaleRule = {
  capacity: { activities: 10, orchestrations: 5, processes: 1 },
  lateAfterMs: 10_000,
  coolDownMs: 300_000,
  minWorkers: 0,
  maxWorkers: 100,
};

function queue(waiting: number, changes: Partial<QueueBacklog> = {}): QueueBacklog {
  return { name: 'q', waiting, hidden: 0, oldestWaitingMs: undefined, ...changes };
}

function backlog(changes: Partial<HubBacklog> = {}): HubBacklog {
  return {
    controlQueues: [queue(0), queue(0), queue(0), queue(0)],
    workItems: queue(0),
    nextDueInMs: undefined,
    processes: 1,
    workerLimit: undefined,
    ...changes,
  };
}

const late = { oldestWaitingMs: 10_001 };

describe('the workers that a hub wants', () => {
  it.each<[string, Partial<HubBacklog>, Partial<ScaleRule>, number, RegExp]>([
    ['none when nothing is there', {}, {}, 0, /^Nothing waits, and nothing is due within 300 s\.$/],
    ['one for an activity', { workItems: queue(1) }, {}, 1, /^1 activity, 10 at a time/],
    ['one for as many as it can run', { workItems: queue(10) }, {}, 1, /^10 activities/],
    ['one more for the next', { workItems: queue(11) }, {}, 2, /^11 activities/],
    [
      'as many as the activities in work take',
      { workItems: queue(1, { hidden: 20 }) },
      {},
      3,
      /^21 activities/,
    ],
    [
      'one for a message',
      { controlQueues: [queue(0), queue(1)] },
      {},
      1,
      /^1 message for orchestrations in 1 control queue, 5 at a time/,
    ],
    [
      'no more than control queues that have something',
      { controlQueues: [queue(0), queue(100), queue(1)] },
      {},
      2,
      /101 messages .* in 2 control queues/,
    ],
    [
      'no more than messages need',
      { controlQueues: [queue(1), queue(1), queue(1), queue(2)] },
      {},
      1,
      /^5 messages/,
    ],
    [
      'the larger of both',
      { workItems: queue(45), controlQueues: [queue(10), queue(10)] },
      {},
      5,
      /^45 activities/,
    ],
    [
      'one more when an activity is late',
      { workItems: queue(5, late), processes: 3 },
      {},
      4,
      /^An activity has waited for 11 s beside 3 workers\.$/,
    ],
    [
      'no more for a late activity than there are',
      { workItems: queue(1, late), processes: 3 },
      {},
      1,
      /^1 activity/,
    ],
    [
      'one more when a control queue is late',
      { controlQueues: [queue(1, late), queue(1), queue(1)], processes: 1 },
      {},
      2,
      /longer than 10 s in 1 control queue beside 1 worker\.$/,
    ],
    [
      'no more for late queues than have something',
      { controlQueues: [queue(1, late), queue(1, late), queue(0)], processes: 3 },
      {},
      2,
      /in 2 control queues beside 3 workers/,
    ],
    [
      'none more when work has just come',
      { workItems: queue(5, { oldestWaitingMs: 10_000 }), processes: 3 },
      {},
      1,
      /^5 activities/,
    ],
    [
      'counted with all their processes',
      { workItems: queue(5, late), processes: 4 },
      { capacity: { ...RULE.capacity, processes: 2 } },
      3,
      /beside 2 workers/,
    ],
    ['one for a timer within the cool-down', { nextDueInMs: 300_000 }, {}, 1, /is due in 300 s/],
    ['none for one after it', { nextDueInMs: 300_001 }, {}, 0, /^Nothing waits/],
    ['one for what may be in work', { nextDueInMs: 0 }, {}, 1, /is in work, or is a timer/],
    [
      'the least that was set',
      {},
      { minWorkers: 2 },
      2,
      /^At least 2; 0 for the work: Nothing waits/,
    ],
    [
      'the most that was set',
      { workItems: queue(1000) },
      { maxWorkers: 7 },
      7,
      /^At most 7; 100 for the work: 1000 activities/,
    ],
    [
      'what the storage allows',
      { workItems: queue(1000), workerLimit: 1 },
      {},
      1,
      /^At most 1, as the storage of the hub allows; 100 for the work/,
    ],
    [
      'the most, also below the least',
      { workItems: queue(1) },
      { minWorkers: 5, maxWorkers: 3 },
      3,
      /^At least 3; 1 for the work/,
    ],
  ])('are %s', (_what, hub, rule, count, reason) => {
    const wanted = wantedWorkers(backlog(hub), { ...RULE, ...rule });
    expect(wanted.count).toBe(count);
    expect(wanted.reason).toMatch(reason);
  });

  it('are within the bounds, and at least one whenever there is anything', () => {
    const few = fc.nat({ max: 500 });
    const anyQueue = fc.record({
      name: fc.constant('q'),
      waiting: few,
      hidden: few,
      oldestWaitingMs: fc.option(few, { nil: undefined }),
    });
    const anyBacklog = fc.record({
      controlQueues: fc.array(anyQueue, { minLength: 1, maxLength: 16 }),
      workItems: anyQueue,
      nextDueInMs: fc.option(fc.nat(), { nil: undefined }),
      processes: fc.nat({ max: 20 }),
      workerLimit: fc.constantFrom(undefined, 1),
    });
    fc.assert(
      fc.property(anyBacklog, (hub) => {
        const { count, reason } = wantedWorkers(hub, { ...RULE, lateAfterMs: 100 });
        expect(count).toBeLessThanOrEqual(hub.workerLimit ?? RULE.maxWorkers);
        expect(reason).toMatch(/\.$/);
        const isThere =
          hub.workItems.waiting + hub.workItems.hidden > 0 ||
          hub.controlQueues.some(({ waiting }) => waiting > 0) ||
          (hub.nextDueInMs ?? Infinity) <= RULE.coolDownMs;
        expect(count > 0).toBe(isThere);
      }),
    );
  });
});
