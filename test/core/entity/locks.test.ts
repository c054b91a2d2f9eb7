import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../src/core/entity/decide-entity.ts';
import type { EntityContext } from '../../../src/core/entity/entity-message.ts';
import { releaseHeldLocks } from '../../../src/core/entity/held-locks.ts';
import { applyLock, reserveLock } from '../../../src/core/entity/lock.ts';
import { receiveEvents } from '../../../src/core/entity/receive-events.ts';
import { requestIdAt, stepIdOf } from '../../../src/core/entity/request-id.ts';
import { encodeRelease } from '../../../src/core/entity/release-message.ts';
import { encodeRequest, type EntityRequest } from '../../../src/core/entity/request-message.ts';
import {
  decodeSchedulerState,
  encodeSchedulerState,
  type SchedulerState,
} from '../../../src/core/entity/scheduler-state.ts';
import { decideTerminated } from '../../../src/core/decide.ts';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { activity, answered, at, Episodes, eventRaised, START_MS } from '../../support/history.ts';

const WINDOW_MS = 30 * 60 * 1000;
const context: EntityContext = {
  instanceId: toInstanceId('@acc@a'),
  executionId: 'exec',
  nowMs: START_MS,
  newId: () => '0123456789abcdef0123456789abcdef',
};
const LOCK_SET = [
  { name: 'acc', key: 'a' },
  { name: 'acc', key: 'b' },
];

function request(owner: string, rest: Partial<EntityRequest> = {}): string {
  return encodeRequest({
    operation: null,
    isSignal: false,
    input: null,
    id: `${owner}-${rest.operation ?? 'lock'}`,
    parentInstanceId: owner,
    parentExecutionId: 'x',
    due: null,
    ...rest,
  });
}

const lock = (owner: string, position = 0): HistoryEvent =>
  eventRaised('op', request(owner, { lockSet: LOCK_SET, position }));
const call = (owner: string, operation: string): HistoryEvent =>
  eventRaised('op', request(owner, { operation }));
const release = (owner: string): HistoryEvent =>
  eventRaised('release', encodeRelease({ owner, id: `${owner}-lock` }));

function receive(state: SchedulerState, ...events: HistoryEvent[]): SchedulerState {
  return receiveEvents(state, events, context).state;
}

function apply(state: SchedulerState) {
  const first = nextStep(state, 10);
  if (first?.kind !== 'reserveLock') throw new Error(`not reserved: ${JSON.stringify(first)}`);
  const reserved = reserveLock(state, first.request, context).state;
  const step = nextStep(reserved, 10);
  if (step?.kind !== 'lock') throw new Error(`not a lock: ${JSON.stringify(step)}`);
  return applyLock(reserved, step.request, context);
}

const fresh = () => decodeSchedulerState(null, WINDOW_MS);
const ids = ({ queue }: SchedulerState) => queue.map(({ id }) => id);

describe('a lock request', () => {
  it('is kept until it is stored who gets the lock, and nobody is told before', () => {
    const state = receive(fresh(), lock('A'), lock('B'));
    const step = nextStep(state, 10);
    if (step?.kind !== 'reserveLock') throw new Error('not reserved');

    const reserved = reserveLock(state, step.request, context);

    expect(reserved.state).toMatchObject({ lockedBy: 'A', queue: state.queue });
    expect(reserved.outbox.map(({ target }) => target.instanceId)).toEqual([context.instanceId]);
    expect(nextStep(receive(reserved.state, lock('B')), 10)).toMatchObject({ kind: 'lock' });
  });

  it('locks the entity and goes on to the next one', () => {
    const { state, outbox } = apply(receive(fresh(), lock('A')));

    expect(state).toMatchObject({ lockedBy: 'A', queue: [] });
    expect(outbox).toHaveLength(1);
    expect(outbox[0]).toMatchObject({
      target: { instanceId: '@acc@b', executionId: null },
      sender: { instanceId: '@acc@a' },
    });
    const { event } = outbox[0] ?? {};
    const sent = JSON.parse(
      event?.EventType === 'EventRaised' ? (event.Input ?? '') : '',
    ) as object;
    expect(sent).toEqual({
      op: null,
      id: 'A-lock',
      parent: 'A',
      parentExecution: 'x',
      Timestamp: '2026-01-01T00:00:00.0000000Z',
      Predecessor: '0001-01-01T00:00:00',
      lockset: LOCK_SET,
      pos: 1,
    });
  });

  it('is granted by the last entity', () => {
    const { outbox } = apply(receive(fresh(), lock('A', 1)));

    expect(outbox[0]).toMatchObject({
      target: { instanceId: 'A', executionId: 'x' },
      event: { Name: 'A-lock', Input: '{"result":"Lock Acquisition Completed"}' },
    });
  });

  it('ends a batch, and waits for those before it', () => {
    const state = receive(fresh(), call('B', 'one'), lock('A'), call('B', 'two'));

    expect(nextStep(state, 10)).toMatchObject({
      kind: 'operations',
      requests: [{ operation: 'one' }],
    });
  });

  it('that is no request of an entity in its lock set is refused', () => {
    const { rejected, state } = receiveEvents(fresh(), [lock('A', 2)], context);

    expect(rejected.map(({ reason }) => reason)).toEqual([
      'A lock request is not for an entity of its lock set.',
    ]);
    expect(state.queue).toEqual([]);
  });

  it('that comes again after its release has no effect', () => {
    const locked = apply(receive(fresh(), lock('A', 1))).state;
    const released = receive(locked, release('A'), lock('A', 1));

    expect(released).toMatchObject({ lockedBy: null, queue: [] });
  });

  it('that comes again together with its release has no effect', () => {
    const stamped = (seconds: number) =>
      eventRaised('op', request('A', { lockSet: LOCK_SET, timestamp: at(seconds) }));
    const { state } = apply(receive(fresh(), stamped(1)));

    const released = receive(state, stamped(2), release('A'));

    expect(released).toMatchObject({ lockedBy: null, queue: [] });
  });

  it('that its release overtook has no effect', () => {
    expect(receive(fresh(), release('A'), lock('A'))).toMatchObject({ lockedBy: null, queue: [] });
  });
});

describe('while an entity is locked', () => {
  const locked = () => apply(receive(fresh(), lock('A', 1))).state;

  it('only the owner runs, before all others', () => {
    const state = receive(
      locked(),
      call('B', 'b'),
      call('A', 'a1'),
      call('C', 'c'),
      call('A', 'a2'),
    );

    expect(ids(state)).toEqual(['A-a1', 'A-a2', 'B-b', 'C-c']);
    expect(nextStep(state, 10)).toMatchObject({
      requests: [{ operation: 'a1' }, { operation: 'a2' }],
    });
    expect(nextStep(receive(locked(), call('B', 'b')), 10)).toBeUndefined();
  });

  it('others run as soon as the owner releases it', () => {
    const state = receive(locked(), call('B', 'b'), release('A'));

    expect(state.lockedBy).toBeNull();
    expect(nextStep(state, 10)).toMatchObject({ requests: [{ operation: 'b' }] });
  });

  it('a release by somebody else changes nothing', () => {
    expect(receive(locked(), release('B')).lockedBy).toBe('A');
  });

  it('a lock that is released before it is granted waits no more', () => {
    const state = receive(locked(), lock('B', 1), release('B'));

    expect(state).toMatchObject({ lockedBy: 'A', queue: [] });
  });

  it('a release that comes twice does not end the next lock of the same owner', () => {
    const again = receive(locked(), release('A'));
    const second = eventRaised('op', request('A', { id: 'second', lockSet: LOCK_SET.slice(0, 1) }));
    const { state } = apply(receive(again, second));

    expect(receive(state, release('A')).lockedBy).toBe('A');
  });

  it('its owner gets the next lock after the release of this one, whichever comes first', () => {
    const next = eventRaised('op', request('A', { id: 'next', lockSet: LOCK_SET, position: 1 }));
    const waiting = decodeSchedulerState(
      encodeSchedulerState(receive(locked(), next, call('B', 'b'), call('A', 'a'))),
      WINDOW_MS,
    );
    expect(ids(waiting)).toEqual(['A-a', 'next', 'B-b']);
    const { state } = apply(receive({ ...waiting, queue: waiting.queue.slice(1) }, release('A')));

    expect(state).toMatchObject({ lockedBy: 'A', lockId: 'next' });
    expect(nextStep({ ...waiting, queue: waiting.queue.slice(1) }, 10)).toBeUndefined();
    expect(receive(state, release('A')).lockedBy).toBe('A');
  });

  it('that the .NET extension locked, any release of its owner unlocks it', () => {
    const state = decodeSchedulerState('{"lockedBy":"A"}', WINDOW_MS);

    expect(receive(state, release('A')).lockedBy).toBeNull();
  });

  describe('that a step asked for', () => {
    const stepId = stepIdOf({ cause: 'x', index: 0, target: '@acc@a', operation: '', input: null });
    const ask = (id: string): HistoryEvent =>
      eventRaised('op', request('A', { lockSet: LOCK_SET, id, stepId }));
    const end = (id: string, step?: string): HistoryEvent =>
      eventRaised(
        'release',
        encodeRelease({ owner: 'A', id, ...(step === undefined ? {} : { stepId: step }) }),
      );

    it('is released when the step had to be run again, under another id', () => {
      const { state } = apply(receive(fresh(), ask('first')));

      expect(receive(state, end('second', stepId)).lockedBy).toBeNull();
      expect(receive(state, end('second', `${stepId.slice(0, -1)}x`)).lockedBy).toBe('A');
    });

    it('is released by the .NET extension, which goes on with the orchestration', () => {
      const { state } = apply(receive(fresh(), ask('first')));

      expect(receive(state, end('first')).lockedBy).toBeNull();
      expect(receive(state, end('second')).lockedBy).toBeNull();
    });

    it('is not asked for again when it is over', () => {
      const released = receive(fresh(), end('second', stepId));

      expect(ids(receive(released, ask('first')))).toEqual([]);
    });
  });

  it('a client releases a lock without knowing its id, as often as it takes', () => {
    const orphaned = eventRaised('release', '{"parent":"A","id":"fix-orphaned-lock"}');

    expect(receive(locked(), orphaned).lockedBy).toBeNull();
    expect(receive(receive(locked(), orphaned), orphaned).lockedBy).toBeNull();
  });
});

describe('an orchestration that ends without its code', () => {
  const lockAction = { kind: 'lockEntities', lockSet: LOCK_SET } as const;
  const id = requestIdAt('inst', at(0), 0);

  function holding(): Episodes {
    const episodes = new Episodes();
    episodes.run(answered([lockAction]));
    episodes.run(
      answered([lockAction, activity('A')]),
      [eventRaised(id, '{"result":"Lock Acquisition Completed"}')],
      1,
    );
    return episodes;
  }
  const targets = (outbox: readonly { target: { instanceId: string } }[]) =>
    outbox.map(({ target }) => target.instanceId);

  it('releases its locks when it is terminated', () => {
    const { execution } = holding();
    const { outbox } = decideTerminated(execution, { now: at(2), newId: () => 'f' });

    expect(targets(outbox)).toEqual(['@acc@a', '@acc@b']);
    expect(outbox[0]?.event).toMatchObject({
      Name: 'release',
      Input: expect.stringContaining(`{"parent":"inst","id":"${id}","stepId":"`) as unknown,
    });
  });

  it('releases its locks when what it asks for cannot be done', () => {
    const customStatus = 'x'.repeat(10_000);
    const answer = answered([lockAction, activity('A')], { customStatus });
    const { outbox } = holding().run(answer, [eventRaised('x')], 2);

    expect(targets(outbox)).toEqual(['@acc@a', '@acc@b']);
  });

  it('releases nothing twice', () => {
    const episodes = holding();
    const { events } = episodes.execution.state;
    const end = { instanceId: toInstanceId('inst'), executionId: null, now: at(2) };
    const released: HistoryEvent[] = ['@acc@a', '@acc@b'].map((InstanceId, index) => ({
      EventType: 'EventSent',
      EventId: 5 + index,
      IsPlayed: false,
      Timestamp: at(2),
      InstanceId,
      Name: 'release',
      Input: encodeRelease({ owner: 'inst', id }),
    }));

    expect(targets(releaseHeldLocks(end, [...events, ...released.slice(1)]))).toEqual(['@acc@a']);
    expect(releaseHeldLocks(end, [...events, ...released])).toEqual([]);
  });
});
