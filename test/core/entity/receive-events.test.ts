/** What of the messages of a work item joins an entity's queue, and where; and the locks that an orchestration leaves behind. */
import { describe, expect, it } from 'vitest';
import type { EntityContext } from '../../../src/core/entity/entity-message.ts';
import { releaseHeldLocks } from '../../../src/core/entity/held-locks.ts';
import { receiveEvents, scheduledEventName } from '../../../src/core/entity/receive-events.ts';
import { encodeRelease } from '../../../src/core/entity/release-message.ts';
import { encodeRequest, type EntityRequest } from '../../../src/core/entity/request-message.ts';
import { decodeSchedulerState } from '../../../src/core/entity/scheduler-state.ts';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../../src/core/ids.ts';
import { at, eventRaised, START_MS, taskCompleted } from '../../support/history.ts';
import { eventSent } from '../../support/stored-events.ts';

const DAY_MS = 24 * 3600 * 1000;
const WINDOW_MS = 30 * 60_000;
const context: EntityContext = {
  instanceId: toInstanceId('@counter@k'),
  executionId: 'exec',
  nowMs: START_MS,
  newId: () => 'new',
};
const request = (id: string, rest: Partial<EntityRequest> = {}): string =>
  encodeRequest({
    operation: 'add',
    isSignal: true,
    input: null,
    id,
    parentInstanceId: null,
    parentExecutionId: null,
    due: null,
    ...rest,
  });
const fresh = (members: object = {}) => decodeSchedulerState(JSON.stringify(members), WINDOW_MS);
const op = (id: string, rest?: Partial<EntityRequest>) => eventRaised('op', request(id, rest));

function queueAfter(state: ReturnType<typeof fresh>, ...events: readonly HistoryEvent[]): string[] {
  return receiveEvents(state, events, context).state.queue.map(({ id }) => id);
}

describe('a request', () => {
  it('joins the queue in the order of arrival, behind what waits, and once', () => {
    const state = receiveEvents(fresh(), [op('a')], context).state;
    expect(queueAfter(state, op('b'), op('c'), op('b'))).toEqual(['a', 'b', 'c']);
  });

  it('that cannot be read, and a message that is no event, are turned away with the reason', () => {
    const { state, rejected } = receiveEvents(
      fresh(),
      [eventRaised('op', 'no JSON'), taskCompleted(0), eventRaised('release', '{}')],
      context,
    );
    expect(state.queue).toEqual([]);
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'The input of an entity operation is not JSON.',
      'entities take no such messages',
      'its input does not name the owner of a lock',
    ]);
  });

  it('of any other name only wakes the entity', () => {
    const received = receiveEvents(fresh(), [eventRaised('continue')], context);
    expect([received.state.queue, received.outbox, received.rejected]).toEqual([[], [], []]);
  });
});

describe('a request for later', () => {
  it('is sent again when it comes before its time, under a name that says when', () => {
    const event = eventRaised(`op@${at(60)}`, request('a', { due: at(60) }));
    const { state, outbox } = receiveEvents(fresh(), [event], context);
    expect(state.queue).toEqual([]);
    expect(outbox).toHaveLength(1);
    expect(outbox[0]).toMatchObject({
      target: { instanceId: '@counter@k', executionId: null },
      event: { Name: `op@${at(60)}`, Input: request('a', { due: at(60) }) },
    });
  });

  it('is taken at its time, and up to a tenth of a second before, for clocks differ', () => {
    expect(queueAfter(fresh(), op('a', { due: at(0) }))).toEqual(['a']);
    expect(queueAfter(fresh(), op('a', { due: new Date(START_MS + 100).toISOString() }))).toEqual([
      'a',
    ]);
    expect(queueAfter(fresh(), op('a', { due: new Date(START_MS + 101).toISOString() }))).toEqual(
      [],
    );
  });

  it('waits in pieces that storage can hide', () => {
    const far = START_MS + 30 * DAY_MS;
    expect(scheduledEventName(far, START_MS)).toBe(
      `op@${new Date(START_MS + 6 * DAY_MS).toISOString()}`,
    );
    expect(scheduledEventName(START_MS + 1000, START_MS)).toBe(`op@${at(1)}`);
  });
});

describe('while an orchestration holds the lock', () => {
  const locked = () => fresh({ lockedBy: 'owner', lockId: 'lock-1' });

  it('its requests go to the front, in their order', () => {
    const state = receiveEvents(locked(), [op('other')], context).state;
    const mine = { parentInstanceId: 'owner', isSignal: false };
    expect(queueAfter(state, op('a', mine), op('late'), op('b', mine))).toEqual([
      'a',
      'b',
      'other',
      'late',
    ]);
  });

  it.each([
    ['owner', 'lock-1', null],
    ['owner', '', null],
    ['owner', 'fix-orphaned-lock', null],
    ['owner', 'lock-2', 'owner'],
    ['other', 'lock-1', 'owner'],
  ])('a release of %s for the lock %j leaves it to %s', (owner, id, lockedBy) => {
    const event = eventRaised('release', encodeRelease({ owner, id }));
    expect(receiveEvents(locked(), [event], context).state.lockedBy).toBe(lockedBy);
  });

  it('the request for a lock that is given back meanwhile leaves the queue, and does not come again', () => {
    const lockSet = [{ name: 'counter', key: 'k' }];
    const ask = op('lock-9', { parentInstanceId: 'waiting', lockSet, operation: null });
    const state = receiveEvents(locked(), [ask], context).state;
    const release = eventRaised('release', encodeRelease({ owner: 'waiting', id: 'lock-9' }));
    const after = receiveEvents(state, [release], context).state;
    expect(after.queue).toEqual([]);
    expect(queueAfter(after, ask)).toEqual([]);
  });
});

describe('an orchestration that is over', () => {
  const ended = {
    instanceId: toInstanceId('inst'),
    executionId: toExecutionId('exec'),
    now: at(9),
  };
  const lockSet = [
    { name: 'acc', key: 'a' },
    { name: 'acc', key: 'b' },
  ];
  const asked = eventSent(0, '@acc@a', request('lock-1', { lockSet, operation: null }));
  const released = (id: number, entity: string, lock = 'lock-1') =>
    eventSent(id, entity, encodeRelease({ owner: 'inst', id: lock }), 'release');

  it('gives back each lock that it asked for and did not give back, once, in its own name', () => {
    const messages = releaseHeldLocks(ended, [asked, released(1, '@acc@a')]);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      target: { instanceId: '@acc@b', executionId: null },
      sender: { instanceId: 'inst', executionId: 'exec' },
      event: { Name: 'release', Input: '{"parent":"inst","id":"lock-1"}', Timestamp: at(9) },
    });
    const all = [asked, released(1, '@acc@a'), released(2, '@acc@b')];
    expect(releaseHeldLocks(ended, all)).toEqual([]);
  });

  it('is not confused by releases of other locks, or by what looks like a request and is none', () => {
    const strange = [
      released(1, '@acc@a', 'lock-0'),
      eventSent(2, '@acc@a', '"lockset" but no JSON'),
      eventSent(3, 'inst-2', request('lock-2', { lockSet })),
      eventSent(4, '@acc@a', request('call')),
    ];
    const targets = releaseHeldLocks(ended, [asked, ...strange]).map(({ target }) => target);
    expect(targets.map(({ instanceId }) => instanceId)).toEqual(['@acc@a', '@acc@b']);
  });
});
