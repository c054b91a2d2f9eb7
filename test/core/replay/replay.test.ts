import { describe, expect, it } from 'vitest';
import { toExecutionId } from '../../../src/core/ids.ts';
import { requestIdAt } from '../../../src/core/entity/request-id.ts';
import { nextExecutionId } from '../../../src/core/stable-id.ts';
import type { SdkAction } from '../../../src/core/replay/action.ts';
import {
  activity,
  activityWithRetry,
  all,
  answered,
  any,
  at,
  Episodes,
  event,
  eventRaised,
  orchestratorStarted,
  retryOptions,
  sent,
  START_MS,
  startedEvent,
  taskCompleted,
  taskFailed,
  threw,
  timer,
  timerFired,
} from '../../support/history.ts';
import { resumed, suspended, taskScheduled } from '../../support/stored-events.ts';

describe('activities in sequence', () => {
  it('schedules only what history lacks, with ids from 0', () => {
    const episodes = new Episodes();

    const first = episodes.run(answered([activity('A')]));
    const second = episodes.run(answered([activity('A'), activity('B')]), [taskCompleted(0)]);

    expect(sent(first.outbox)).toEqual(['0:A']);
    expect(sent(second.outbox)).toEqual(['1:B']);
  });

  it('completes with the output once nothing is open', () => {
    const episodes = new Episodes();
    episodes.run(answered([activity('A')]));

    const end = episodes.run(answered([activity('A')], { isDone: true, output: '"done"' }), [
      taskCompleted(0),
    ]);

    expect(end.outbox).toEqual([]);
    expect(episodes.execution.state.completed).toMatchObject({
      OrchestrationStatus: 'Completed',
      Result: '"done"',
      EventId: 1,
    });
  });

  it('gives the same when a stored history is fed all at once', () => {
    const live = new Episodes();
    live.run(answered([activity('A')]));
    live.run(answered([activity('A'), activity('B')]), [taskCompleted(0)]);

    const revived = new Episodes(live.execution.state.events);
    const next = revived.run(
      answered([activity('A'), activity('B'), activity('C')]),
      [taskCompleted(1)],
      2,
    );

    expect(sent(next.outbox)).toEqual(['2:C']);
  });
});

describe('combinators', () => {
  it('starts all children of Task.all before waiting, and goes on when the last is done', () => {
    const episodes = new Episodes();
    const list = [all(activity('A'), activity('B'))];
    expect(sent(episodes.run(answered(list)).outbox)).toEqual(['0:A', '1:B']);

    const after = [all(activity('A'), activity('B')), activity('C')];
    expect(sent(episodes.run(answered(list), [taskCompleted(1)]).outbox)).toEqual([]);
    expect(sent(episodes.run(answered(after), [taskCompleted(0)]).outbox)).toEqual(['2:C']);
  });

  it('runs each activity of a Task.any loop once', () => {
    const episodes = new Episodes();
    const run = () => {
      const [a, b, c] = [activity('A'), activity('B'), activity('C')] as const;
      return { a, b, c };
    };
    const first = run();
    const one = episodes.run(answered([any(first.a, first.b, first.c)]));
    const second = run();
    const two = episodes.run(
      answered([any(second.a, second.b, second.c), any(second.a, second.c)]),
      [taskCompleted(1)],
    );
    const third = run();
    const three = episodes.run(
      answered([any(third.a, third.b, third.c), any(third.a, third.c), any(third.c)]),
      [taskCompleted(0)],
    );

    expect(sent(one.outbox)).toEqual(['0:A', '1:B', '2:C']);
    expect(sent(two.outbox)).toEqual([]);
    expect(sent(three.outbox)).toEqual([]);
  });

  it('ends Task.all at the first failure and leaves the siblings open', () => {
    const episodes = new Episodes();
    const list: SdkAction[] = [all(activity('A'), activity('B'))];
    episodes.run(answered(list));

    const cleanup = episodes.run(answered([...list, activity('Cleanup')]), [taskFailed(0)]);
    const waiting = episodes.run(
      answered([...list, activity('Cleanup')], { isDone: true, output: '1' }),
      [taskCompleted(2)],
    );
    expect(sent(cleanup.outbox)).toEqual(['2:Cleanup']);
    expect(waiting.outbox).toEqual([]);
    expect(episodes.execution.state.completed).toBeUndefined();

    episodes.run(answered([...list, activity('Cleanup')], { isDone: true, output: '1' }), [
      taskCompleted(1),
    ]);
    expect(episodes.execution.state.completed?.Result).toBe('1');
  });
});

describe('timers and events', () => {
  it('completes at once when the losing timer was cancelled', () => {
    const episodes = new Episodes();
    episodes.run(answered([any(timer(60), event('Go'))]));

    episodes.run(
      answered([any(timer(60, true), event('Go'))], { isDone: true, output: '"event"' }),
      [eventRaised('Go')],
    );

    expect(episodes.execution.state.runtimeStatus).toBe('Completed');
  });

  it('stays running until a losing timer that nobody cancelled fires', () => {
    const episodes = new Episodes();
    const list = [any(timer(60), event('Go'))];
    episodes.run(answered(list));
    episodes.run(answered(list, { isDone: true }), [eventRaised('go')]);
    expect(episodes.execution.state.runtimeStatus).toBe('Running');

    episodes.run(answered(list, { isDone: true }), [timerFired(0, 60)], 60);
    expect(episodes.execution.state.runtimeStatus).toBe('Completed');
  });

  it('keeps an event that came before its waiter', () => {
    const episodes = new Episodes();
    episodes.run(answered([activity('A')]));
    episodes.run(answered([activity('A')]), [eventRaised('Go')]);

    const next = episodes.run(answered([activity('A'), event('Go'), activity('B')]), [
      taskCompleted(0),
    ]);

    expect(sent(next.outbox)).toEqual(['1:B']);
  });

  it('makes a timer of ten days of slices of three days, each with its id', () => {
    const days = (count: number) => count * 24 * 3600;
    const episodes = new Episodes();
    const list = [timer(days(10))];
    const start = episodes.run(answered(list), [], 0);
    const slices = [3, 6, 9].map((day, id) => {
      const { outbox } = episodes.run(answered(list), [timerFired(id, days(day))], days(day));
      return sent(outbox);
    });

    expect(sent(start.outbox)).toEqual([`0:timer +${days(3)}s`]);
    expect(slices).toEqual([
      [`1:timer +${days(6)}s`],
      [`2:timer +${days(9)}s`],
      [`3:timer +${days(10)}s`],
    ]);
  });

  it('never lets the clock be before the due time of the timer that fired', () => {
    const episodes = new Episodes();
    episodes.run(answered([timer(60)]));

    episodes.run(answered([timer(60)]), [timerFired(0, 60)], 59.5);

    expect(episodes.execution.state.clockMs).toBe(Date.parse(at(60)));
  });
});

describe('retries', () => {
  it('puts a timer between attempts, and one that fires at once after the last', () => {
    const episodes = new Episodes();
    const list = [activityWithRetry('F', 2)];

    const steps = [
      episodes.run(answered(list), [], 0),
      episodes.run(answered(list), [taskFailed(0)], 1),
      episodes.run(answered(list), [timerFired(1, 6)], 6),
      episodes.run(answered(list), [taskFailed(2)], 7),
      episodes.run(answered([...list, activity('Next')]), [timerFired(3, 7)], 7),
    ];

    expect(steps.map(({ outbox }) => sent(outbox))).toEqual([
      ['0:F'],
      ['1:timer +6s'],
      ['2:F'],
      ['3:timer +7s'],
      ['4:Next'],
    ]);
  });

  it('hands out the ids of parallel retries in the order of events', () => {
    const episodes = new Episodes();
    const list = [all(activityWithRetry('F', 2), activityWithRetry('G', 2))];
    episodes.run(answered(list), [], 0);

    const { outbox } = episodes.run(answered(list), [taskFailed(1), taskFailed(0)], 1);

    expect(outbox.map(({ event: e }) => (e.EventType === 'TimerFired' ? e.TimerId : -1))).toEqual([
      2, 3,
    ]);
  });
});

describe('history that does not fit the code', () => {
  it('fails the instance when another activity was scheduled under the id', () => {
    const live = new Episodes();
    live.run(answered([activity('Old')]));
    const revived = new Episodes(live.execution.state.events);

    revived.run(answered([activity('New')]), [taskCompleted(0)]);

    expect(revived.execution.state.completed?.OrchestrationStatus).toBe('Failed');
    expect(revived.execution.state.completed?.Result).toContain(
      "scheduled an activity task with sequence ID 0 and name 'Old', but the current replay execution scheduled an activity task with sequence ID 0 and name 'New' instead",
    );
  });

  it('fails the instance when the code no longer schedules what history holds', () => {
    const live = new Episodes();
    live.run(answered([activity('Old')]));
    const revived = new Episodes(live.execution.state.events);

    revived.run(answered([]), [taskCompleted(0)]);

    expect(revived.execution.state.completed?.Result).toContain(
      "hasn't (yet?) scheduled this task",
    );
  });
});

describe('an orchestrator that throws', () => {
  it('fails with its message, and the prefix of the extension', () => {
    const episodes = new Episodes();
    episodes.run(threw([], 'no input'));

    expect(episodes.execution.state.completed).toMatchObject({
      OrchestrationStatus: 'Failed',
      Result: "Orchestrator function 'Orch' failed: no input",
    });
  });

  it('waits for what is open, also after its session was read from storage', () => {
    const live = new Episodes();
    const list = [all(activity('A'), activity('B'))];
    live.run(answered(list));
    const revived = new Episodes(live.execution.state.events);

    revived.run(threw(list), [taskFailed(0)]);
    expect(revived.execution.state.runtimeStatus).toBe('Running');
    revived.run(threw(list), [taskCompleted(1)], 2);
    expect(revived.execution.state.runtimeStatus).toBe('Failed');
  });
});

describe('continue as new', () => {
  it('gives a new execution with the input, and carries unread events over', () => {
    const episodes = new Episodes();
    const list: SdkAction[] = [activity('A'), { kind: 'continueAsNew', input: { n: 1 } }];
    episodes.run(answered([activity('A')]));

    const { next } = episodes.run(answered(list, { isDone: true }), [
      eventRaised('Later', '1'),
      taskCompleted(0),
    ]);

    expect(next?.started.Input).toBe('{"n":1}');
    // The same whenever the step is run again.
    expect(next?.executionId).toBe(nextExecutionId(toExecutionId('exec')));
    expect(next?.state.events.map(({ EventType }) => EventType)).toEqual([
      'OrchestratorStarted',
      'ExecutionStarted',
      'EventRaised',
      'OrchestratorCompleted',
    ]);
  });
});

describe('SDK 1.x', () => {
  it('goes on after any task of a yield', () => {
    const episodes = new Episodes([orchestratorStarted(0), startedEvent]);
    const yields = [[activity('A'), activity('B')]];
    const answer = (more: SdkAction[][]) =>
      ({
        kind: 'ran',
        actions: { schema: 'original', yields: [...yields, ...more] },
        isDone: false,
        output: null,
        customStatus: null,
      }) as const;
    const first = episodes.run(answer([]));
    const second = episodes.run(answer([[activity('C')]]), [taskCompleted(1)]);

    expect(sent(first.outbox)).toEqual(['0:A', '1:B']);
    expect(sent(second.outbox)).toEqual(['2:C']);
  });
});

describe('what the orchestrator is shown of external events', () => {
  const names = ({ shown }: Episodes) =>
    shown.flatMap((e) => (e.EventType === 'EventRaised' ? [`${e.Name}=${String(e.Input)}`] : []));
  const types = ({ shown }: Episodes) => shown.map(({ EventType }) => EventType);

  it('is an event under the name that the orchestrator waits for', () => {
    const episodes = new Episodes();
    episodes.run(answered([event('Go')]));
    episodes.run(answered([event('Go')]), [eventRaised('gO', '1')]);

    expect(names(episodes)).toEqual(['Go=1']);
  });

  it('is not an early event, until the orchestrator waits for it', () => {
    const episodes = new Episodes();
    episodes.run(answered([activity('A')]));
    episodes.run(answered([activity('A')]), [eventRaised('Go', '1')]);
    expect(names(episodes)).toEqual([]);

    episodes.run(answered([activity('A'), event('Go')]), [taskCompleted(0)], 2);

    expect(types(episodes).slice(-2)).toEqual(['TaskCompleted', 'EventRaised']);
  });

  it('comes before what came after it, so that ids are handed out as the SDK counts them', () => {
    const episodes = new Episodes();
    const race = any(activity('A'), activityWithRetry('R', 2));
    const batch = [taskCompleted(0), eventRaised('Go'), taskFailed(1)];
    episodes.run(answered([race]), [], 0);

    const { outbox } = episodes.run(answered([race, event('Go'), activity('B')]), batch);

    expect(sent(outbox)).toEqual(['2:B', '3:timer +6s']);
  });

  it('is each event once, the older first, however many wait for it', () => {
    const episodes = new Episodes();
    episodes.run(answered([activity('A')]));
    const early = [eventRaised('Go', '1'), eventRaised('go', '2'), eventRaised('GO', '3')];
    episodes.run(answered([activity('A')]), early);

    episodes.run(
      answered([activity('A'), all(event('Go'), event('Go'))]),
      [taskCompleted(0), eventRaised('Go', '4')],
      2,
    );

    expect(names(episodes)).toEqual(['Go=1', 'Go=2']);
    expect(episodes.execution.replay.takeUnreadEvents().map(({ Input }) => Input)).toEqual([
      '3',
      '4',
    ]);
  });

  it('is not what comes after the decision to continue as new, which the next generation gets', () => {
    const episodes = new Episodes();
    const list: SdkAction[] = [event('Go'), { kind: 'continueAsNew', input: null }];
    episodes.run(answered([event('Go')]));

    const { next } = episodes.run(answered(list, { isDone: true }), [
      eventRaised('Go', '1'),
      eventRaised('Go', '2'),
    ]);

    expect(next?.state.events.flatMap((e) => ('Name' in e ? [e.Name] : []))).toEqual([
      'Orch',
      'Go',
    ]);
  });

  it('is the same after the session was read from storage', () => {
    const live = new Episodes();
    live.run(answered([activity('A')]));
    live.run(answered([activity('A')]), [eventRaised('go', '1')]);
    const list = [activity('A'), event('Go'), activity('B')];
    expect(sent(live.run(answered(list), [taskCompleted(0)], 2).outbox)).toEqual(['1:B']);

    const revived = new Episodes(live.execution.state.events);
    const { outbox } = revived.run(answered([...list, activity('C')]), [taskCompleted(1)], 3);

    expect(sent(outbox)).toEqual(['2:C']);
    expect(types(revived).filter((type) => /Raised|TaskCompleted/.test(type))).toEqual([
      'TaskCompleted',
      'EventRaised',
      'TaskCompleted',
    ]);
  });
});

describe('durable HTTP', () => {
  const call = (asynchronousPatternEnabled = true): SdkAction => ({
    kind: 'callHttp',
    request: {
      method: 'POST',
      uri: 'https://a.test/start',
      content: '{}',
      headers: { Authorization: 'secret', 'Content-Type': 'application/json', X: '1' },
      tokenSource: null,
      asynchronousPatternEnabled,
      timeout: null,
      raw: { method: 'POST', uri: 'https://a.test/start' },
    },
  });
  const answer = (statusCode: number, headers: Record<string, string> = {}) =>
    JSON.stringify({ statusCode, headers, content: '' });
  const inputOf = (outbox: Parameters<typeof sent>[0]) => {
    const scheduled = outbox.find(({ event: e }) => e.EventType === 'TaskScheduled')?.event;
    return scheduled?.EventType === 'TaskScheduled'
      ? (JSON.parse(scheduled.Input ?? '') as unknown[])[0]
      : undefined;
  };

  it('takes two ids for each 202 with a Location, and polls after the pause', () => {
    const episodes = new Episodes();
    const both = [all(call(), activity('Other'))];
    const start = episodes.run(answered(both), [], 0);
    const accepted = answer(202, { location: '/poll', 'Retry-After': '3' });
    const pause = episodes.run(answered(both), [taskCompleted(0, accepted)], 1);
    const poll = episodes.run(answered(both), [timerFired(2, 4)], 4);
    const done = episodes.run(
      answered([...both, activity('Next')]),
      [taskCompleted(3, answer(200)), taskCompleted(1)],
      5,
    );

    expect(sent(start.outbox)).toEqual(['0:BuiltIn::HttpActivity', '1:Other']);
    expect(sent(pause.outbox)).toEqual(['2:timer +4s']);
    expect(sent(poll.outbox)).toEqual(['3:BuiltIn::HttpActivity']);
    expect(inputOf(poll.outbox)).toMatchObject({
      method: 'GET',
      uri: 'https://a.test/poll',
      headers: { Authorization: 'secret', X: '1' },
    });
    expect(sent(done.outbox)).toEqual(['4:Next']);
  });

  it.each([
    ['0', 1],
    [' 2.5 ', 3.5],
    [new Date(START_MS + 20_000).toUTCString(), 20],
    [new Date(START_MS - 20_000).toUTCString(), 31],
    ['99999999999999', 31],
    ['1e300', 31],
    ['0x1', 31],
    ['-5', 31],
    ['soon 5', 31],
    ['', 31],
  ])('polls for a Retry-After of %j when %d seconds are over', (retryAfter, seconds) => {
    const episodes = new Episodes();
    episodes.run(answered([call()]), [], 0);
    const accepted = answer(202, { Location: '/poll', 'Retry-After': retryAfter });
    const pause = episodes.run(answered([call()]), [taskCompleted(0, accepted)], 1);

    expect(sent(pause.outbox)).toEqual([`1:timer +${seconds}s`]);
  });

  it('does not tell another origin who the caller is', () => {
    const episodes = new Episodes();
    episodes.run(answered([call()]), [], 0);
    const accepted = answer(202, { Location: 'https://b.test/poll' });
    episodes.run(answered([call()]), [taskCompleted(0, accepted)], 1);
    const poll = episodes.run(answered([call()]), [timerFired(1, 31)], 31);

    expect(inputOf(poll.outbox)).toMatchObject({
      uri: 'https://b.test/poll',
      headers: { X: '1' },
    });
  });

  it('takes a 202 for the answer when there is no Location, or polling is off', () => {
    for (const [action, headers] of [
      [call(), {}],
      [call(false), { Location: '/x' }],
    ] as const) {
      const episodes = new Episodes();
      episodes.run(answered([action]), [], 0);
      const next = episodes.run(answered([action, activity('Next')]), [
        taskCompleted(0, answer(202, headers)),
      ]);
      expect(sent(next.outbox)).toEqual(['1:Next']);
    }
  });
});

describe('requests to entities', () => {
  const call: SdkAction = { kind: 'callEntity', entityId: '@e@k', operation: 'o', input: 1 };
  const signal: SdkAction = { ...call, kind: 'signalEntity', fireAt: null };
  const idsOf = (outbox: Parameters<typeof sent>[0]) =>
    outbox.map(({ event: e }) =>
      e.EventType === 'EventRaised' ? (JSON.parse(e.Input ?? '') as { id: string }).id : '',
    );

  it('have the ids that the .NET extension gives them: clock of the episode, and count', () => {
    const episodes = new Episodes();
    const first = episodes.run(answered([signal, call]));
    const list: SdkAction[] = [signal, call, { ...call }];
    const [, id = ''] = idsOf(first.outbox);
    const second = episodes.run(answered(list), [eventRaised(id, '{"result":"1"}')], 5);

    expect(idsOf(first.outbox)).toEqual([
      requestIdAt('inst', at(0), 0),
      requestIdAt('inst', at(0), 1),
    ]);
    expect(idsOf(second.outbox)).toEqual([requestIdAt('inst', at(5), 2)]);
  });

  it('that follow from what came while the instance was suspended have the time at which it is resumed', () => {
    const completedEpisode = {
      EventType: 'OrchestratorCompleted',
      EventId: -1,
      IsPlayed: false,
      Timestamp: at(0),
    } as const;
    const history = [
      orchestratorStarted(0),
      startedEvent,
      taskScheduled(0, 'A'),
      completedEpisode,
      orchestratorStarted(1),
      suspended(),
      completedEpisode,
      orchestratorStarted(2),
      taskCompleted(0),
      completedEpisode,
    ];
    const episodes = new Episodes(history);
    const { outbox } = episodes.run(answered([activity('A'), call]), [resumed()], 3);

    expect(idsOf(outbox)).toEqual([requestIdAt('inst', at(3), 0)]);
  });
});

describe('critical sections', () => {
  const LOCK_ID = requestIdAt('inst', at(0), 0);
  const lock: SdkAction = {
    kind: 'lockEntities',
    lockSet: [
      { name: 'Acc', key: 'a' },
      { name: 'Acc', key: 'b' },
    ],
  };
  const inputs = (outbox: Parameters<typeof sent>[0]) =>
    outbox.map(({ event: e, target }) =>
      e.EventType === 'EventRaised'
        ? [target.instanceId, e.Name, JSON.parse(e.Input ?? '') as unknown]
        : [],
    );

  it('ask the first entity for all, and release each with an id of its own', () => {
    const episodes = new Episodes();
    const ask = episodes.run(answered([lock]));
    const list: SdkAction[] = [lock, { kind: 'releaseEntities' }, activity('A')];
    const after = episodes.run(answered(list), [eventRaised(LOCK_ID, '{"result":"x"}')]);

    expect(inputs(ask.outbox)).toMatchObject([
      [
        '@acc@a',
        'op',
        { op: null, id: LOCK_ID, parent: 'inst', lockset: [{ name: 'acc', key: 'a' }, {}] },
      ],
    ]);
    expect(inputs(after.outbox).slice(0, 2)).toMatchObject([
      ['@acc@a', 'release', { parent: 'inst', id: LOCK_ID }],
      ['@acc@b', 'release', { parent: 'inst', id: LOCK_ID }],
    ]);
    expect(sent(after.outbox).at(-1)).toBe('3:A');
  });

  it('end with the orchestration, also when it fails', () => {
    const episodes = new Episodes();
    episodes.run(answered([lock]));

    const end = episodes.run(threw([lock]), [eventRaised(LOCK_ID, '{}')]);

    expect(inputs(end.outbox).map(([, name]) => name)).toEqual(['release', 'release']);
  });
});

describe('a retry timeout', () => {
  it('ends the attempts, and shows the SDK that the others failed', () => {
    const episodes = new Episodes();
    const retry = { ...retryOptions(4), retryTimeoutMs: 1000 };
    const flaky: SdkAction = {
      kind: 'callActivityWithRetry',
      functionName: 'F',
      input: undefined,
      retry,
    };
    episodes.run(answered([flaky]), [], 0);
    const timedOut = episodes.run(answered([flaky]), [taskFailed(0)], 2);
    const next = episodes.run(answered([flaky, activity('Next')]), [timerFired(1, 2)], 2);

    expect(sent(timedOut.outbox)).toEqual(['1:timer +2s']);
    expect(
      episodes.shown
        .slice(-12)
        .map((e) => [
          e.EventType,
          'TaskScheduledId' in e ? e.TaskScheduledId : 'TimerId' in e ? e.TimerId : e.EventId,
        ]),
    ).toEqual(
      [2, 4, 6].flatMap((id) => [
        ['TaskScheduled', id],
        ['TaskFailed', id],
        ['TimerCreated', id + 1],
        ['TimerFired', id + 1],
      ]),
    );
    expect(sent(next.outbox)).toEqual(['8:Next']);
  });
});

describe('requests to entities', () => {
  it.each([
    { input: undefined, text: undefined },
    { input: null, text: undefined },
    { input: 0, text: '0' },
    { input: '', text: '""' },
  ])('hold the input $input as the .NET extension does', ({ input, text }) => {
    const request = { entityId: '@counter@a', operation: 'set', input };
    const actions: SdkAction[] = [
      { kind: 'signalEntity', ...request, fireAt: null },
      { kind: 'callEntity', ...request },
    ];

    const { outbox } = new Episodes().run(answered(actions));

    const inputs = outbox.map(({ event }) =>
      event.EventType === 'EventRaised'
        ? (JSON.parse(event.Input ?? '') as { input?: string }).input
        : 'no request',
    );
    expect(inputs).toEqual([text, text]);
  });

  it('follow on what history says was sent, not on when this walk came to it', () => {
    const call: SdkAction = {
      kind: 'callEntity',
      entityId: '@counter@a',
      operation: 'get',
      input: 1,
    };
    const live = new Episodes();
    live.run(answered([call]));
    const stored = live.execution.state.events.map((e) =>
      e.EventType === 'EventSent'
        ? { ...e, Input: JSON.stringify({ id: 'one', Timestamp: at(7) }) }
        : e,
    );

    const list = [call, { ...call }];
    const revived = new Episodes(stored);
    const { outbox } = revived.run(answered(list), [eventRaised('one', '{}')], 2);

    expect(outbox.map(({ event: e }) => e.EventType === 'EventRaised' && e.Input)).toEqual([
      expect.stringContaining('"Predecessor":"2026-01-01T00:00:07.0000000Z"'),
    ]);
  });
});
