/** What an orchestrator waits for: a task settles once; `all` and `any` settle as the SDK sees them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SdkAction } from '../../../src/core/replay/action.ts';
import { anyOf, startAll, startAny } from '../../../src/core/replay/compound.ts';
import { DurableTask, type TaskOutcome } from '../../../src/core/replay/durable-task.ts';
import { activity, all, event } from '../../support/history.ts';
import { WalkScope } from './walk-scope.ts';

describe('a task', () => {
  it('is settled by the first answer, and tells each listener once', () => {
    const task = new DurableTask();
    const heard: string[] = [];
    task.whenSettled(() => heard.push(`before:${task.outcome}`));

    task.settle('failed');
    task.settle('succeeded');
    task.whenSettled(() => heard.push(`after:${task.outcome}`));

    expect(task.outcome).toBe('failed');
    expect(heard).toEqual(['before:failed', 'after:failed']);
  });

  it('of something that nobody waits for is settled from the start', () => {
    expect(DurableTask.settled().outcome).toBe('succeeded');
  });
});

const CHILDREN = [activity('A'), activity('B'), event('E')] as const;

describe('a compound', () => {
  it.each([startAll, startAny])('starts all of its children, left to right', (start) => {
    const scope = new WalkScope();
    const nested = all(activity('C'));
    start(scope, [...CHILDREN, nested], [4]);
    expect(scope.children).toEqual([
      ...CHILDREN.map((action, index) => ({ action, path: [4, index] })),
      { action: nested, path: [4, 3] },
    ]);
  });

  it('of nothing: all of it is over, and none of it ever is', () => {
    expect(startAll(new WalkScope(), [], [0]).outcome).toBe('succeeded');
    expect(startAny(new WalkScope(), [], [0]).outcome).toBe('pending');
    expect(anyOf([]).outcome).toBe('pending');
  });

  it('counts a child that it is given twice as two', () => {
    const scope = new WalkScope();
    const both = startAll(scope, [CHILDREN[0], CHILDREN[0]], [0]);
    scope.tasks.get(CHILDREN[0])?.settle('succeeded');
    expect(both.outcome).toBe('succeeded');
  });
});

describe('whatever the order and the outcomes of its children', () => {
  const outcome = fc.constantFrom<TaskOutcome>('succeeded', 'failed');
  const settlements = fc
    .integer({ min: 1, max: 5 })
    .chain((count) =>
      fc.tuple(
        fc.shuffledSubarray(Array.from({ length: count }, (_, index) => index)),
        fc.array(outcome, { minLength: count, maxLength: count }),
      ),
    );

  it('`all` is over at the first failure, or with the last child, and `any` with the first', () => {
    fc.assert(
      fc.property(settlements, ([order, outcomes]) => {
        const children: SdkAction[] = outcomes.map((_, index) => activity(`A${index}`));
        const scope = new WalkScope();
        const every = startAll(scope, children, [0]);
        const any = startAny(scope, children, [1]);
        let [settled, failed] = [0, 0];
        for (const index of order) {
          const result = outcomes[index] === 'failed' ? 'failed' : 'succeeded';
          scope.tasks.get(children[index] as SdkAction)?.settle(result);
          settled++;
          if (result === 'failed') failed++;
          const isDone = settled === children.length;
          expect(every.outcome).toBe(failed > 0 ? 'failed' : isDone ? 'succeeded' : 'pending');
          expect(any.outcome).toBe('succeeded');
        }
      }),
    );
  });
});
