/**
 * A history as swim lanes: what the orchestrator did, and one lane for each thing that it asked for. Pure: no clock, no browser.
 *
 * T1 Waiting and running are apart as far as the history tells: of the orchestrator it does (its episodes), of timers and events too. Of an
 *    activity it has when it was asked for and when its answer came; then the answer waits for the orchestrator to take it.
 * T2 The tries of a retry are one lane: a try that failed, the timer that followed, and the next try of the same function.
 * T3 What has not come yet goes on until now, or until the instance ended.
 */
import type { HistoryEvent } from '../../core/history-event.ts';
import type { Interval } from './time-scale.ts';

export type LaneKind = 'orchestrator' | 'activity' | 'child' | 'timer' | 'event' | 'entity';

export type SpanKind =
  | 'running'
  /** For a worker, a time, an event, or for the orchestrator to take an answer. */
  | 'waiting'
  | 'failed'
  | 'suspended'
  /** Of no length. */
  | 'moment';

export interface Span extends Interval {
  readonly kind: SpanKind;
  /** What it is, for people. */
  readonly text: string;
}

export interface Lane {
  /** Of the event that began it, in the history; -1 for the orchestrator. */
  readonly index: number;
  readonly kind: LaneKind;
  readonly label: string;
  readonly spans: readonly Span[];
  readonly state: 'done' | 'failed' | 'open';
  /** How often it was tried, where more than once. */
  readonly tries: number;
  /** Of a child. */
  readonly instanceId?: string;
}

export interface Timeline {
  readonly whole: Interval;
  readonly lanes: readonly Lane[];
}

interface OpenLane {
  readonly index: number;
  readonly kind: LaneKind;
  readonly label: string;
  readonly spans: Span[];
  readonly instanceId?: string;
  state: Lane['state'];
  tries: number;
  /** Since when its last part goes on. */
  sinceMs: number;
}

const ENTITY_ID = /^@([^@]+)@(.*)$/s;

/** @param endMs now, or when the instance ended. */
export function timelineOf(events: readonly HistoryEvent[], endMs: number): Timeline {
  const tasks = new Map<number, OpenLane>();
  const lanes: OpenLane[] = [];
  const entityCalls = new Map<string, OpenLane>();
  /** When the orchestrator began the step that is looked at: what came before was taken then, and stands behind it in the history. */
  let stepMs = -Infinity;
  /** Lanes of activities whose try has failed, until it is known what followed. */
  let failedTries: OpenLane[] = [];
  const retryTimers = new Map<number, OpenLane>();
  const dueRetries: OpenLane[] = [];
  const own = new OrchestratorLane(events, endMs);

  const begin = (lane: Omit<OpenLane, 'spans' | 'state' | 'tries'>): OpenLane => {
    const open: OpenLane = { ...lane, spans: [], state: 'open', tries: 1 };
    lanes.push(open);
    return open;
  };
  const wait = ({ spans }: OpenLane, cameMs: number): void => {
    if (stepMs <= cameMs) return;
    spans.push({ kind: 'waiting', fromMs: cameMs, toMs: stepMs, text: 'until taken' });
  };
  const answer = (lane: OpenLane | undefined, atMs: number, kind: SpanKind, text: string): void => {
    if (lane === undefined) return;
    // A timer may have been due before it was made.
    const toMs = Math.max(lane.sinceMs, atMs);
    lane.spans.push({ kind, fromMs: lane.sinceMs, toMs, text });
    lane.state = kind === 'failed' ? 'failed' : 'done';
    wait(lane, toMs);
  };

  for (const [index, event] of events.entries()) {
    const atMs = Date.parse(event.Timestamp);
    own.see(event, atMs);
    switch (event.EventType) {
      case 'OrchestratorStarted':
        stepMs = atMs;
        break;
      case 'OrchestratorCompleted':
        failedTries = [];
        // A rewind takes back a try that has failed: what went on then is in another lane.
        for (const lane of dueRetries) lane.state = 'failed';
        dueRetries.length = 0;
        break;
      case 'TaskScheduled': {
        const again = dueRetries.findIndex(({ label }) => label === event.Name);
        const [lane] = again === -1 ? [] : dueRetries.splice(again, 1);
        if (lane === undefined) {
          const { Name: label } = event;
          tasks.set(event.EventId, begin({ index, kind: 'activity', label, sinceMs: atMs }));
        } else {
          lane.tries += 1;
          lane.state = 'open';
          lane.sinceMs = atMs;
          tasks.set(event.EventId, lane);
        }
        break;
      }
      case 'TaskCompleted':
        answer(tasks.get(event.TaskScheduledId), atMs, 'running', 'asked for, until it completed');
        break;
      case 'TaskFailed': {
        const lane = tasks.get(event.TaskScheduledId);
        answer(lane, atMs, 'failed', event.Reason ?? 'failed');
        if (lane !== undefined) failedTries.push(lane);
        break;
      }
      case 'SubOrchestrationInstanceCreated': {
        const { Name: label, InstanceId: instanceId } = event;
        const lane = begin({ index, kind: 'child', label, instanceId, sinceMs: atMs });
        tasks.set(event.EventId, lane);
        break;
      }
      case 'SubOrchestrationInstanceCompleted':
        answer(tasks.get(event.TaskScheduledId), atMs, 'running', 'called, until it completed');
        break;
      case 'SubOrchestrationInstanceFailed':
        answer(tasks.get(event.TaskScheduledId), atMs, 'failed', event.Reason ?? 'failed');
        break;
      case 'TimerCreated': {
        const tried = failedTries.shift();
        if (tried !== undefined) {
          tried.sinceMs = atMs;
          tried.state = 'open';
          retryTimers.set(event.EventId, tried);
          break;
        }
        const label = 'timer';
        tasks.set(event.EventId, begin({ index, kind: 'timer', label, sinceMs: atMs }));
        break;
      }
      case 'TimerFired': {
        // The time of the event is when the timer was made.
        const dueMs = Date.parse(event.FireAt);
        const tried = retryTimers.get(event.TimerId);
        if (tried === undefined) {
          answer(tasks.get(event.TimerId), dueMs, 'waiting', 'until it was due');
          break;
        }
        const { sinceMs: fromMs } = tried;
        const toMs = Math.max(fromMs, dueMs, stepMs);
        tried.spans.push({ kind: 'waiting', fromMs, toMs, text: 'until the next try' });
        dueRetries.push(tried);
        break;
      }
      case 'EventSent': {
        const [, name, key] = ENTITY_ID.exec(event.InstanceId) ?? [];
        const label =
          name === undefined ? `${event.Name} to ${event.InstanceId}` : `${name} ${key ?? ''}`;
        const requestId = requestIdOf(event.Input);
        const kind = name === undefined ? 'event' : 'entity';
        const lane = begin({ index, kind, label, sinceMs: atMs });
        if (requestId === undefined) {
          lane.spans.push({ kind: 'moment', fromMs: atMs, toMs: atMs, text: 'sent' });
          lane.state = 'done';
        } else {
          entityCalls.set(requestId, lane);
        }
        break;
      }
      case 'EventRaised': {
        const call = entityCalls.get(event.Name);
        if (call !== undefined) {
          answer(call, atMs, 'running', 'asked, until it answered');
          break;
        }
        const lane = begin({ index, kind: 'event', label: event.Name, sinceMs: atMs });
        lane.spans.push({ kind: 'moment', fromMs: atMs, toMs: atMs, text: 'came' });
        lane.state = 'done';
        wait(lane, atMs);
        break;
      }
      default:
        break;
    }
  }

  for (const lane of lanes) {
    if (lane.state !== 'open') continue;
    const kind = lane.kind === 'timer' ? 'waiting' : 'running';
    const toMs = Math.max(lane.sinceMs, endMs);
    lane.spans.push({ kind, fromMs: lane.sinceMs, toMs, text: 'not answered' });
  }
  const all = [own.lane(), ...lanes];
  const begins = all.flatMap(({ spans }) => spans.map(({ fromMs }) => fromMs));
  const fromMs = Math.min(...ends(begins, endMs));
  const whole = { fromMs, toMs: Math.max(endMs, fromMs + 1) };
  return { whole, lanes: all };
}

/** Of few numbers, or of more than arguments can be. */
function ends(numbers: readonly number[], other: number): readonly number[] {
  return [numbers.reduce((least, each) => Math.min(least, each), other)];
}

/** When something ran: for `timeScale`. Of a wait its two ends are of interest. */
export function busyIntervals({ lanes }: Timeline): readonly Interval[] {
  return lanes.flatMap(({ spans }) =>
    spans.flatMap(({ kind, fromMs, toMs }) =>
      kind === 'running' || kind === 'failed' || kind === 'moment'
        ? [{ fromMs, toMs }]
        : [
            { fromMs, toMs: fromMs },
            { fromMs: toMs, toMs },
          ],
    ),
  );
}

/** The orchestrator's own lane: when its code ran, and for what it did not. */
class OrchestratorLane {
  readonly #spans: Span[] = [];
  readonly #endMs: number;
  readonly #label: string;
  #sinceMs: number | undefined;
  #isRunning = false;
  #isSuspended = false;
  #hasBegun = false;
  #state: Lane['state'] = 'open';

  constructor(events: readonly HistoryEvent[], endMs: number) {
    this.#endMs = endMs;
    const started = events.find(({ EventType }) => EventType === 'ExecutionStarted');
    this.#label = started?.EventType === 'ExecutionStarted' ? started.Name : 'orchestrator';
    this.#sinceMs = started === undefined ? undefined : Date.parse(started.Timestamp);
  }

  see(event: HistoryEvent, atMs: number): void {
    switch (event.EventType) {
      case 'OrchestratorStarted':
        this.#end(atMs);
        this.#isRunning = true;
        this.#hasBegun = true;
        break;
      case 'OrchestratorCompleted':
        this.#end(atMs);
        this.#isRunning = false;
        break;
      case 'ExecutionSuspended':
        this.#isSuspended = true;
        break;
      case 'ExecutionResumed':
        this.#isSuspended = false;
        break;
      case 'ExecutionCompleted':
        this.#state = event.OrchestrationStatus === 'Failed' ? 'failed' : 'done';
        break;
      case 'ExecutionTerminated':
        this.#state = 'failed';
        break;
      case 'ExecutionRewound':
        this.#state = 'open';
        break;
      default:
        break;
    }
  }

  lane(): Lane {
    if (this.#state === 'open') this.#end(this.#endMs);
    const { state, spans } = { state: this.#state, spans: this.#spans };
    return { index: -1, kind: 'orchestrator', label: this.#label, spans, state, tries: 1 };
  }

  #end(atMs: number): void {
    if (this.#sinceMs !== undefined && atMs >= this.#sinceMs) {
      const kind = this.#isRunning ? 'running' : this.#isSuspended ? 'suspended' : 'waiting';
      const text = this.#isRunning
        ? 'its code ran'
        : this.#isSuspended
          ? 'suspended'
          : this.#hasBegun
            ? 'waited'
            : 'until a worker took it';
      this.#spans.push({ kind, fromMs: this.#sinceMs, toMs: atMs, text });
    }
    this.#sinceMs = atMs;
  }
}

/** Entities answer by an event that has the id of the request for its name. */
export function requestIdOf(input: string | null): string | undefined {
  if (input === null) return undefined;
  const [, id] = /"id"\s*:\s*"([^"]+)"/.exec(input) ?? [];
  const isSignal = /"signal"\s*:\s*true/.test(input);
  return isSignal ? undefined : id;
}
