/** How an episode ends: completed, failed, terminated, suspended, in the next generation, or waiting. */
import { describe, expect, it } from 'vitest';
import {
  decide,
  decideFailed,
  decideSuspended,
  decideTerminated,
  type DecideContext,
} from '../../src/core/decide.ts';
import type { ExecutionStartedEvent } from '../../src/core/history-event.ts';
import { nextExecutionId } from '../../src/core/stable-id.ts';
import {
  activity,
  answered,
  at,
  Episodes,
  event,
  eventRaised,
  orchestratorStarted,
  sent,
  taskCompleted,
  threw,
  timer,
} from '../support/history.ts';
import { started, terminated } from '../support/stored-events.ts';

const CONTEXT: DecideContext = { now: at(5), newId: () => 'f'.repeat(32) };
const PARENT: ExecutionStartedEvent['ParentInstance'] = {
  Name: 'Parent',
  OrchestrationInstance: { InstanceId: 'parent', ExecutionId: 'parent-exec' },
  TaskScheduleId: 7,
  Version: null,
};
const ofParent = (changes: Partial<ExecutionStartedEvent> = {}): Episodes =>
  new Episodes([orchestratorStarted(0), started({ ParentInstance: PARENT, ...changes })]);
const types = (episodes: Episodes): string[] =>
  episodes.execution.state.events.map(({ EventType }) => EventType);

describe('an orchestrator that returned', () => {
  it('completes with its output, and its parent is told after all else', () => {
    const episodes = ofParent();
    episodes.run(answered([activity('A')]));
    const signal = {
      kind: 'signalEntity',
      entityId: '@e@k',
      operation: 'o',
      input: null,
      fireAt: null,
    } as const;
    const { outbox } = episodes.run(
      answered([activity('A'), signal], { isDone: true, output: '"out"' }),
      [taskCompleted(0)],
    );

    expect(sent(outbox)).toEqual(['EventRaised', 'SubOrchestrationInstanceCompleted']);
    expect(types(episodes).slice(-3)).toEqual([
      'EventSent',
      'ExecutionCompleted',
      'OrchestratorCompleted',
    ]);
    expect(episodes.execution.state.completed).toMatchObject({ EventId: 2, Result: '"out"' });
  });

  it('waits for what is still open, and then completes', () => {
    const episodes = new Episodes();
    const done = answered([activity('A')], { isDone: true, output: '1' });
    expect(episodes.run(done)).toMatchObject({ next: undefined, isStalled: false });
    expect(episodes.execution.state.completed).toBeUndefined();

    episodes.run(done, [taskCompleted(0)]);

    expect(episodes.execution.state.runtimeStatus).toBe('Completed');
  });
});

describe('an orchestrator that threw', () => {
  it('fails with its message, and its parent is told why', () => {
    const episodes = ofParent();
    const { outbox } = episodes.run(threw([], 'boom'));

    expect(episodes.execution.state.completed).toMatchObject({
      OrchestrationStatus: 'Failed',
      Result: "Orchestrator function 'Orch' failed: boom",
    });
    expect(outbox[0]?.event).toMatchObject({
      EventType: 'SubOrchestrationInstanceFailed',
      TaskScheduledId: 7,
      Reason: "Orchestrator function 'Orch' failed: boom",
      Details: 'Message: boom, StackTrace: ',
    });
  });

  it('fails when what it asks for cannot be done, and then nothing of it is sent', () => {
    const episodes = new Episodes();
    const { outbox } = episodes.run(answered([activity('A')], { customStatus: 'x'.repeat(8_193) }));
    expect(outbox).toEqual([]);
    expect(episodes.execution.state.completed?.Result).toContain('must not exceed 16 KB');
    const fits = new Episodes();
    fits.run(answered([activity('A')], { customStatus: 'x'.repeat(8_192) }));
    expect(fits.execution.state.completed).toBeUndefined();
    expect(fits.execution.customStatus).toHaveLength(8_192);
  });
});

describe('an instance that was asked to terminate', () => {
  it('ends with the reason, above every id, and leaves its tasks alone', () => {
    const episodes = ofParent();
    episodes.run(answered([activity('A'), timer(60)]));
    episodes.execution.beginEpisode([terminated('enough')], Date.parse(at(3)));

    const { outbox } = decideTerminated(episodes.execution, CONTEXT);

    expect(episodes.execution.state.completed).toMatchObject({
      OrchestrationStatus: 'Terminated',
      Result: 'enough',
      EventId: episodes.execution.state.nextEventId,
    });
    expect(sent(outbox)).toEqual(['SubOrchestrationInstanceFailed']);
    expect(types(episodes).at(-1)).toBe('OrchestratorCompleted');
  });
});

describe('what an episode stores', () => {
  it('is marked as the .NET extension marks it: what arrived as played, what is asked for as not', () => {
    const episodes = new Episodes();
    episodes.run(answered([activity('A')]));
    episodes.run(answered([activity('A'), activity('B')]), [taskCompleted(0), eventRaised('Go')]);

    const played = episodes.execution.state.events.filter(({ IsPlayed }) => IsPlayed);
    expect(played.map(({ EventType }) => EventType)).toEqual(['TaskCompleted', 'EventRaised']);
  });
});

describe('an instance that may not run', () => {
  it('has its episode closed and nothing else, when it is suspended', () => {
    const episodes = new Episodes();
    episodes.run(answered([event('Go')]));
    episodes.execution.beginEpisode([eventRaised('Go')], Date.parse(at(3)));
    const before = types(episodes);

    const decision = decideSuspended(episodes.execution, CONTEXT);

    expect(decision).toMatchObject({ outbox: [], next: undefined, isStalled: false });
    expect(types(episodes)).toEqual([...before, 'OrchestratorCompleted']);
  });

  it('fails with the reason, and its parent is told', () => {
    const episodes = ofParent();
    const { outbox } = decideFailed(episodes.execution, 'there is no such function', CONTEXT);
    expect(episodes.execution.state.completed).toMatchObject({
      OrchestrationStatus: 'Failed',
      Timestamp: at(5),
    });
    expect(sent(outbox)).toEqual(['SubOrchestrationInstanceFailed']);
  });
});

describe('an orchestrator that continues as new', () => {
  const again = (input: unknown) => ({ kind: 'continueAsNew', input }) as const;

  it('goes on in another execution, with its input, its parent and the events it did not read', () => {
    const episodes = ofParent({ Input: '1', Generation: 3 });
    episodes.run(answered([event('Go')]));
    const decision = episodes.run(answered([event('Go'), again({ n: 2 })], { isDone: true }), [
      eventRaised('Go', '1'),
      eventRaised('GO', '2'),
      eventRaised('Later', '3'),
    ]);

    const { next, outbox } = decision;
    expect(outbox).toEqual([]);
    expect(episodes.execution.state.completed).toBeUndefined();
    expect(next?.executionId).toBe(nextExecutionId(episodes.execution.executionId));
    expect(next?.started).toMatchObject({
      Input: '{"n":2}',
      ParentInstance: PARENT,
      Generation: null,
      ScheduledStartTime: null,
    });
    const carried = next?.state.events.filter(({ EventType }) => EventType === 'EventRaised');
    expect(carried).toMatchObject([{ Input: '2' }, { Input: '3' }]);
  });

  it('tells its parent in the end only', () => {
    const episodes = ofParent();
    const { next } = episodes.run(answered([again(null)], { isDone: true }));
    if (!next) throw new Error('there is no next generation');
    const last = decide(next, answered([], { isDone: true, output: '5' }), CONTEXT);
    expect(last.outbox[0]).toMatchObject({
      event: { EventType: 'SubOrchestrationInstanceCompleted', TaskScheduledId: 7, Result: '5' },
      target: { instanceId: 'parent', executionId: 'parent-exec' },
    });
  });
});

describe('the same input', () => {
  it('gives the same decision and the same history', () => {
    const runs = [new Episodes(), new Episodes()].map((episodes) => {
      const first = episodes.run(answered([activity('A'), timer(9)]));
      return [first.outbox, episodes.execution.state.events];
    });
    expect(runs[0]).toEqual(runs[1]);
  });
});
