/**
 * What it costs to go on with an orchestration, counted: events that are shown, code that runs, turns of the event loop. And what
 * orchestrators are told of replays.
 */
import { AZURE_STORAGE_LIMITS } from '../../src/azure-storage/limits.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { OrchestrationExecution } from '../../src/core/orchestration-execution.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import { EarlyReplays } from '../../src/engine/orchestrations/early-replays.ts';
import { KeptOrchestrator } from '../../src/engine/orchestrations/kept-orchestrator.ts';
import { at, eventRaised, orchestratorStarted, startedEvent } from '../support/history.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

type Step = readonly [step: unknown, isReplaying: boolean];
const shared = process as unknown as Record<string, unknown>;
const seen = (shared['seenByFedOrchestrators'] ??= new Map()) as Map<string, Step[]>;

/** Counts the feeds of all runs, and the events that they take. */
class CountingInvoker implements FunctionInvoker {
  opened = 0;
  feeds = 0;
  shownEvents = 0;
  readonly functions;
  readonly runActivity;
  readonly runEntity;
  readonly #inner: FunctionInvoker;

  constructor(inner: FunctionInvoker) {
    this.#inner = inner;
    this.functions = inner.functions;
    this.runActivity = inner.runActivity.bind(inner);
    this.runEntity = inner.runEntity.bind(inner);
  }

  openOrchestration(...args: Parameters<FunctionInvoker['openOrchestration']>) {
    const run = this.#inner.openOrchestration(...args);
    this.opened++;
    return {
      get isReplayed() {
        return run.isReplayed;
      },
      feed: (events: Parameters<typeof run.feed>[0]) => {
        this.feeds++;
        return run.feed({
          rest: () => events.rest(),
          next: (asked) => {
            const shown = events.next(asked);
            if (shown) this.shownEvents++;
            return shown;
          },
        });
      },
      close: () => {
        run.close();
      },
    };
  }
}

function completed(seconds: number): HistoryEvent {
  return {
    EventType: 'OrchestratorCompleted',
    EventId: -1,
    IsPlayed: true,
    Timestamp: at(seconds),
  };
}

/** Of an orchestrator that waits for approvals until a deadline, as storage has it after so many of them. */
function storedApprovals(count: number): HistoryEvent[] {
  const timer: HistoryEvent = {
    EventType: 'TimerCreated',
    EventId: 0,
    IsPlayed: false,
    Timestamp: at(0),
    FireAt: new Date(Date.UTC(2026, 0, 2)).toISOString(),
  };
  const started = { ...startedEvent, Name: 'Approvals' } as HistoryEvent;
  const history = [orchestratorStarted(0), started, timer, completed(0)];
  for (let n = 1; n <= count; n++) {
    history.push(orchestratorStarted(n), eventRaised(n % 2 ? 'x' : 'X', '1'), completed(n));
  }
  return history;
}

/** A session that was read from storage, with one more approval. */
function reloaded(invoker: FunctionInvoker, count: number): KeptOrchestrator {
  const history = storedApprovals(count);
  const execution = new OrchestrationExecution(toInstanceId('inst'), history, {
    checkFunction: () => undefined,
    limits: AZURE_STORAGE_LIMITS,
    maxActions: 100_000,
    defaultHttpPauseMs: 30_000,
  });
  execution.committedCount = history.length;
  execution.beginEpisode([eventRaised('x', '1')], Date.parse(at(count + 1)));
  return new KeptOrchestrator(execution, {
    invoker,
    backend: { limits: AZURE_STORAGE_LIMITS },
    replaysAlways: false,
    earlyReplays: new EarlyReplays(),
  });
}

const hubs: SdkHub[] = [];
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

async function startHub(
  invoker: FunctionInvoker,
  settings: ConstructorParameters<typeof SdkHub>[1] = {},
): Promise<SdkHub> {
  const hub = new SdkHub(invoker, settings);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

/** What the orchestrator took for news. */
function news(instanceId: string): unknown[] {
  return (seen.get(instanceId) ?? [])
    .filter(([, isReplaying]) => !isReplaying)
    .map(([step]) => step);
}

describe.each(['2.1.3', '3.5.0'] as const)('an orchestrator of durable-functions %s', (sdk) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/fed.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('is shown a stored history of 2,000 events in one pass', async () => {
    const invoker = new CountingInvoker(app.invoker);
    seen.delete('inst');
    const orchestrator = reloaded(invoker, 2_000);

    const answer = await orchestrator.goOn();

    expect(answer).toMatchObject({ kind: 'ran', isDone: false, customStatus: '2001' });
    expect([invoker.opened, invoker.feeds]).toEqual([1, 1]);
    expect(invoker.shownEvents).toBe(orchestrator.execution.state.events.length);
    expect(seen.get('inst')).toHaveLength(2_001);
    expect(news('inst')).toEqual([2_001]);
  });

  it('leaves the event loop to others while it is shown a long history', async () => {
    const orchestrator = reloaded(app.invoker, 8_000);
    let turns = 0;
    let isDone = false;
    const others = (): void => {
      turns++;
      if (!isDone) setImmediate(others);
    };
    setImmediate(others);
    const startedMs = performance.now();

    await orchestrator.goOn();

    isDone = true;
    // At least every 50 ms, whatever the machine.
    expect(turns).toBeGreaterThanOrEqual(Math.floor((performance.now() - startedMs) / 50));
  });

  it('is shown each further event once, whatever the length of the history', async () => {
    const invoker = new CountingInvoker(app.invoker);
    const orchestrator = reloaded(invoker, 2_000);
    await orchestrator.goOn();
    const { execution } = orchestrator;
    invoker.shownEvents = 0;

    for (let n = 0; n < 100; n++) {
      execution.state.append(completed(3_000 + n));
      execution.noteRun();
      execution.beginEpisode([eventRaised('x', '1')], Date.parse(at(3_000 + n)));
      await orchestrator.goOn();
    }

    expect(execution.customStatus === null && invoker.feeds).toBe(101);
    expect(invoker.opened).toBe(1);
    // The end of the episode before, the beginning of this one, and the event.
    expect(invoker.shownEvents).toBe(300);
  });

  it('is replayed while its history is short in the first executions, and in some of those that follow', async () => {
    const invoker = new CountingInvoker(app.invoker);
    const hub = await startHub(invoker);
    const opened: number[] = [];
    for (let n = 0; n < 33; n++) {
      const before = invoker.opened;
      await hub.ended(await hub.start('Chain', { length: 5 }), 60_000);
      opened.push(invoker.opened - before);
    }

    const isReplayed = opened.map((count) => count > 1);
    expect(isReplayed).toEqual(opened.map((_, n) => n <= 16 || n === 32));
    expect(opened.filter((count) => count === 0)).toEqual([]);
  });

  it('costs in proportion to its history, replays included', async () => {
    const invoker = new CountingInvoker(app.invoker);
    const hub = await startHub(invoker, { commitWindowMs: 0 });
    const id = await hub.start('Chain', { length: 400 });
    await hub.ended(id, 60_000);

    const history = await hub.client.readHistory(id);
    expect(invoker.shownEvents).toBeLessThan(history.length * 3);
    expect(seen.get(id)?.length).toBeLessThan(400 * 3);
    expect(news(id)).toEqual(Array.from({ length: 400 }, (_, step) => step));
  });

  it('runs no code of its own when its session is given up', async () => {
    const hub = await startHub(app.invoker);
    const id = await hub.start('KeptOpen');
    await hub.history(id, (history) => history.length > 0);

    await hub.worker.stop();
    const orchestrator = reloaded(app.invoker, 3);
    await orchestrator.goOn();
    orchestrator.close();

    expect(seen.get(id)).toBeUndefined();
  });
});

describe.each(ALL_SDKS)('an orchestrator of durable-functions %s is told once', (sdk) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/fed.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });
  const settings = [{}, { commitWindowMs: 0 }, { sessionCacheBytes: 0 }];

  it.each(settings)('that a race is over, %o', async (setting) => {
    const hub = await startHub(app.invoker, setting);
    const ids = await Promise.all(Array.from({ length: 20 }, () => hub.start('Races')));
    for (const id of ids) {
      await hub.ended(id, 20_000);
      expect(news(id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  it.each(settings)('that a call of several failed, %o', async (setting) => {
    const hub = await startHub(app.invoker, setting);
    const ids = await Promise.all(Array.from({ length: 20 }, () => hub.start('Caught')));
    for (const id of ids) {
      await hub.ended(id, 20_000);
      expect(news(id)).toEqual(['caught', 'end']);
    }
  });

  it('what came after the process was started again', async () => {
    const first = await startHub(app.invoker);
    const id = await first.start('RaceThenGo');
    await first.history(
      id,
      (history) => history.filter(({ EventType }) => EventType === 'TaskCompleted').length === 2,
    );
    expect(news(id)).toEqual(['begin', 'first']);
    await first.worker.stop();
    seen.delete(id);

    const again = first.again(app.invoker);
    hubs.push(again);
    await again.worker.start();
    await again.client.raiseEvent(id, 'go', 'null');
    await again.ended(id);

    expect(news(id)).toEqual(['go']);
  });
});
