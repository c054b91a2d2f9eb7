/**
 * Drives one orchestration through the core, episode by episode, with an outside world that always answers the same: for
 * recording what the SDKs answer, and for replaying it.
 */
import { AZURE_STORAGE_LIMITS } from '../../src/azure-storage/limits.ts';
import { decide } from '../../src/core/decide.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { OrchestrationExecution } from '../../src/core/orchestration-execution.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import type {
  OrchestrationRun,
  OrchestratorInvocation,
} from '../../src/engine/function-invoker.ts';
import { ListRun } from '../../src/function-app/orchestrations/list-run.ts';
import {
  answerOfError,
  answerOfResult,
} from '../../src/function-app/orchestrations/orchestration-trigger.ts';
import { brief } from '../support/sdk-hub.ts';
import { withoutReferences } from './references.ts';

/** What an SDK returned (objects that occur again are references to the first), or the message of what it threw. */
export type RecordedAnswer = { readonly returned: unknown } | { readonly threw: string };

export interface DecidedEpisode {
  readonly now: string;
  readonly received: readonly string[];
  readonly newEvents: readonly string[];
  readonly outbox: readonly string[];
  readonly customStatus: string | null;
}

export interface Scenario {
  readonly name: string;
  /** Name → the episode with which an event of that name comes, its value being its name. */
  readonly raise?: Readonly<Record<string, number>>;
}

export interface RecordedEpisode extends DecidedEpisode {
  /** One per run of the orchestrator over the whole history: what it was shown, and what it answered. */
  readonly runs: readonly { readonly shown: readonly string[]; readonly answer: RecordedAnswer }[];
}

const START_MS = Date.UTC(2026, 0, 1);
const MAX_EPISODES = 40;

export async function drive(
  scenario: Scenario,
  open: (invocation: OrchestratorInvocation) => OrchestrationRun,
): Promise<DecidedEpisode[]> {
  const episodes: DecidedEpisode[] = [];
  const world = new World(scenario);
  let clockMs = START_MS;
  let ids = 0;
  const newId = (): string => String(ids++).padStart(32, '0');
  let execution = begin(scenario.name);
  let run = open(invocationOf(execution));
  let received: readonly HistoryEvent[] = [];
  let committed = 0;
  while (episodes.length < MAX_EPISODES) {
    const now = new Date(clockMs).toISOString();
    if (episodes.length > 0 && received.length > 0) execution.beginEpisode(received, clockMs);
    const answer = await run.feed(execution.feed());
    if (answer.kind === 'aborted' || answer.kind === 'refused') throw new Error(answer.reason);
    const decision = decide(execution, answer, { now, newId });
    episodes.push({
      now,
      received: received.map(brief),
      newEvents: execution.state.events.slice(committed).map(describe),
      outbox: decision.outbox.map(describeMessage),
      customStatus: execution.customStatus,
    });
    world.take(decision.outbox);
    committed = execution.state.events.length;
    if (decision.next) {
      execution = decision.next;
      run = open(invocationOf(execution));
      committed = 0;
    }
    if (execution.state.completed) return episodes;
    if (committed === 0) {
      received = [];
      continue;
    }
    const next = world.next(episodes.length, clockMs + 1000);
    if (!next) return episodes;
    received = [next.event];
    clockMs = next.atMs;
  }
  throw new Error(`'${scenario.name}' does not end.`);
}

function begin(name: string): OrchestrationExecution {
  const Timestamp = new Date(START_MS).toISOString();
  const common = { EventId: -1 as const, IsPlayed: true, Timestamp };
  return new OrchestrationExecution(
    toInstanceId('inst'),
    [
      { ...common, EventType: 'OrchestratorStarted' },
      {
        ...common,
        EventType: 'ExecutionStarted',
        OrchestrationInstance: { InstanceId: 'inst', ExecutionId: 'exec' },
        ParentInstance: null,
        Name: name,
        Version: '',
        Input: null,
        Tags: null,
        Correlation: null,
        ParentTraceContext: null,
        ScheduledStartTime: null,
        Generation: 0,
        GenerateNewTrace: false,
      },
    ],
    {
      checkFunction: () => undefined,
      limits: AZURE_STORAGE_LIMITS,
      maxActions: 1000,
      defaultHttpPauseMs: 30_000,
    },
  );
}

function invocationOf({
  started,
  state,
  executionId,
}: OrchestrationExecution): OrchestratorInvocation {
  return {
    functionName: started.Name,
    instanceId: state.instanceId,
    executionId,
    parentInstanceId: null,
    input: started.Input,
    timers: AZURE_STORAGE_LIMITS,
  };
}

/** A run that answers as was recorded. @param left the answers to come; those that are given are taken out. */
export function recordedRun(
  invocation: OrchestratorInvocation,
  left: RecordedAnswer[],
): OrchestrationRun {
  return new ListRun(invocation, () => {
    const answer = left.shift();
    if (!answer) return Promise.reject(new Error('It runs more often than it did.'));
    return Promise.resolve(
      'threw' in answer
        ? answerOfError(new Error(answer.threw))
        : answerOfResult(withoutReferences(answer.returned)),
    );
  });
}

/** Answers one message per episode: first come, first served, and timers when there is nothing else. */
class World {
  readonly #scenario: Scenario;
  readonly #messages: TaskMessage[] = [];
  readonly #calls = new Map<string, number>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  take(outbox: readonly TaskMessage[]): void {
    this.#messages.push(...outbox);
  }

  next(episode: number, nowMs: number): { event: HistoryEvent; atMs: number } | undefined {
    const Timestamp = new Date(nowMs).toISOString();
    const common = { EventId: -1, IsPlayed: false, Timestamp };
    for (const [Name, at] of Object.entries(this.#scenario.raise ?? {})) {
      if (at !== episode) continue;
      const event = { ...common, Name, Input: JSON.stringify(Name), ParentTraceContext: null };
      return { event: { ...event, EventType: 'EventRaised' }, atMs: nowMs };
    }
    while (this.#messages.some(({ event }) => event.EventType !== 'TimerFired')) {
      const at = this.#messages.findIndex(({ event }) => event.EventType !== 'TimerFired');
      const [message] = this.#messages.splice(at, 1);
      const event = message && this.#answer(message, common);
      if (event) return { event, atMs: nowMs };
    }
    const timers = this.#messages.flatMap(({ event }) =>
      event.EventType === 'TimerFired' ? [event] : [],
    );
    const first = timers.sort((a, b) => Date.parse(a.FireAt) - Date.parse(b.FireAt))[0];
    if (!first) return undefined;
    this.#messages.splice(
      this.#messages.findIndex(({ event }) => event === first),
      1,
    );
    return { event: first, atMs: Math.max(nowMs, Date.parse(first.FireAt)) };
  }

  #answer(
    { event }: TaskMessage,
    common: { EventId: number; IsPlayed: boolean; Timestamp: string },
  ): HistoryEvent | undefined {
    switch (event.EventType) {
      case 'TaskScheduled': {
        const call = this.#count(event.Name);
        const TaskScheduledId = event.EventId;
        if (event.Name === 'Boom' || (event.Name.startsWith('Flaky') && call <= 1)) {
          return {
            ...common,
            EventType: 'TaskFailed',
            TaskScheduledId,
            Reason: `Activity function '${event.Name}' failed: boom`,
            Details: '{"Message":"boom"}',
            FailureDetails: null,
          };
        }
        return {
          ...common,
          EventType: 'TaskCompleted',
          TaskScheduledId,
          Result: event.Name === 'BuiltIn::HttpActivity' ? httpAnswer(call) : echo(event.Input),
        };
      }
      case 'ExecutionStarted': {
        const TaskScheduledId = event.ParentInstance?.TaskScheduleId ?? -1;
        return event.Name === 'BadChild'
          ? {
              ...common,
              EventType: 'SubOrchestrationInstanceFailed',
              TaskScheduledId,
              Reason: "Orchestrator function 'BadChild' failed: bad",
              Details: 'Message: bad, StackTrace: ',
              FailureDetails: null,
            }
          : {
              ...common,
              EventType: 'SubOrchestrationInstanceCompleted',
              TaskScheduledId,
              Result: '"child"',
            };
      }
      case 'EventRaised': {
        const request = JSON.parse(event.Input ?? '{}') as { id: string; signal?: boolean };
        if (request.signal === true || event.Name === 'release') return undefined;
        const Input = JSON.stringify({ result: '5' });
        return {
          ...common,
          EventType: 'EventRaised',
          Name: request.id,
          Input,
          ParentTraceContext: null,
        };
      }
      default:
        return undefined;
    }
  }

  #count(name: string): number {
    const count = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, count);
    return count;
  }
}

function echo(input: string | null): string {
  const [value] = JSON.parse(input ?? '[null]') as [unknown];
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function httpAnswer(call: number): string {
  return JSON.stringify(
    call === 1
      ? { statusCode: 202, headers: { Location: '/status', 'Retry-After': '7' }, content: '' }
      : { statusCode: 200, headers: {}, content: 'done' },
  );
}

function describe(event: HistoryEvent): string {
  switch (event.EventType) {
    case 'TimerCreated':
      return `${brief(event)} ${event.FireAt}`;
    case 'EventSent':
      return `${brief(event)} ${event.Name} to ${event.InstanceId}`;
    case 'ExecutionCompleted':
      return `${brief(event)} ${event.EventId} ${event.OrchestrationStatus} ${String(event.Result)}`;
    default:
      return brief(event);
  }
}

function describeMessage({ event, target }: TaskMessage): string {
  const input = 'Input' in event ? ` ${String(event.Input)}` : '';
  return `${describe(event)}${input} → ${target.instanceId}`;
}
