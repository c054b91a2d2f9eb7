/**
 * A history as a sequence diagram: who asks whom for what, in the order in which the orchestrator saw it. Pure.
 *
 * Q1 One column for each function, entity or child that is met first; those that come after the bound share the last one.
 * Q2 Requests that follow one another to the same column are one arrow, and so are their answers: a fan-out of a thousand is two.
 */
import type { HistoryEvent } from '../../core/history-event.ts';

export interface Actor {
  readonly kind: 'outside' | 'orchestrator' | 'activity' | 'child' | 'entity' | 'others';
  readonly label: string;
}

export interface Message {
  /** Columns, from 0; the same for what the orchestrator tells itself. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'request' | 'answer' | 'failure';
  readonly text: string;
  /** How many it stands for. */
  readonly count: number;
  /** Of the first event, in the history. */
  readonly index: number;
  readonly atMs: number;
}

export interface Sequence {
  readonly actors: readonly Actor[];
  /** The first ones, up to the bound. */
  readonly messages: readonly Message[];
  /** How many there are. */
  readonly total: number;
}

const OUTSIDE = 0;
const SELF = 1;
/** More columns than that nobody takes in. */
const MAX_ACTORS = 9;

export function sequenceOf(events: readonly HistoryEvent[], maxMessages: number): Sequence {
  const actors = new Actors(events);
  const messages: Message[] = [];
  let total = 0;
  let last: Message | undefined;
  const add = (message: Omit<Message, 'count'>): void => {
    if (last !== undefined && isMore(last, message)) {
      last = { ...last, count: last.count + 1 };
      if (total <= maxMessages) messages[messages.length - 1] = last;
      return;
    }
    last = { ...message, count: 1 };
    total += 1;
    if (total <= maxMessages) messages.push(last);
  };
  for (const [index, event] of events.entries()) {
    const told = messageOf(event, actors);
    if (told !== undefined) add({ ...told, index, atMs: Date.parse(event.Timestamp) });
  }
  return { actors: actors.all, messages, total };
}

function isMore(last: Message, { from, to, kind }: Omit<Message, 'count'>): boolean {
  // What comes from outside, and what the orchestrator tells itself, is of interest one by one.
  const isCall = Math.max(from, to) > SELF;
  return isCall && last.from === from && last.to === to && last.kind === kind;
}

type Told = Pick<Message, 'from' | 'to' | 'kind' | 'text'>;

function messageOf(event: HistoryEvent, actors: Actors): Told | undefined {
  switch (event.EventType) {
    case 'ExecutionStarted':
      return fromOutside(`starts ${event.Name}`);
    case 'TaskScheduled':
      return request(actors.ask(event.EventId, 'activity', event.Name), inputText(event.Input));
    case 'SubOrchestrationInstanceCreated':
      return request(actors.ask(event.EventId, 'child', event.Name), event.InstanceId);
    case 'TaskCompleted':
    case 'SubOrchestrationInstanceCompleted':
      return answer(actors.answers(event.TaskScheduledId), event.Result ?? 'done');
    case 'TaskFailed':
    case 'SubOrchestrationInstanceFailed': {
      const from = actors.answers(event.TaskScheduledId);
      return { from, to: SELF, kind: 'failure', text: event.Reason ?? 'failed' };
    }
    case 'TimerCreated':
      return {
        from: SELF,
        to: SELF,
        kind: 'request',
        text: `timer until ${event.FireAt.replace(/\.\d+/, '')}`,
      };
    case 'TimerFired':
      return { from: SELF, to: SELF, kind: 'answer', text: 'timer is due' };
    case 'EventSent':
      return sent(event, actors);
    case 'EventRaised': {
      const entity = actors.takeCall(event.Name);
      return entity === undefined ? fromOutside(`event ${event.Name}`) : answer(entity, 'answer');
    }
    case 'ExecutionSuspended':
      return fromOutside(withReason('suspends it', event.Reason));
    case 'ExecutionResumed':
      return fromOutside(withReason('resumes it', event.Reason));
    case 'ExecutionTerminated':
      return { ...fromOutside(withReason('terminates it', event.Input)), kind: 'failure' };
    case 'ExecutionRewound':
      return fromOutside(withReason('rewinds it', event.Reason));
    case 'ContinueAsNew':
      return { from: SELF, to: SELF, kind: 'request', text: 'continues as new' };
    case 'ExecutionCompleted': {
      const hasFailed = event.OrchestrationStatus === 'Failed';
      const text = withReason(event.OrchestrationStatus, event.Result);
      return { from: SELF, to: OUTSIDE, kind: hasFailed ? 'failure' : 'answer', text };
    }
    case 'OrchestratorStarted':
    case 'OrchestratorCompleted':
    case 'GenericEvent':
    case 'HistoryState':
      return undefined;
  }
}

function request(to: number, text: string): Told {
  return { from: SELF, to, kind: 'request', text };
}

function answer(from: number, text: string): Told {
  return { from, to: SELF, kind: 'answer', text };
}

/** Inputs of activities travel as an array, of texts that are JSON themselves. */
function inputText(input: string | null): string {
  try {
    const [only, ...others] = JSON.parse(input ?? '[]') as readonly unknown[];
    if (only === undefined) return 'call';
    if (typeof only === 'string' && others.length === 0) return only;
  } catch {
    // It is cut, or somebody else's.
  }
  return input ?? 'call';
}

function fromOutside(text: string): Told {
  return { from: OUTSIDE, to: SELF, kind: 'request', text };
}

function withReason(text: string, reason: string | null): string {
  return reason === null || reason === '' || reason === 'null' ? text : `${text}: ${reason}`;
}

const ENTITY_ID = /^@([^@]+)@(.*)$/s;

function sent(event: Extract<HistoryEvent, { EventType: 'EventSent' }>, actors: Actors): Told {
  const { InstanceId, Name, Input } = event;
  const [, name, key = ''] = ENTITY_ID.exec(InstanceId) ?? [];
  if (name === undefined) {
    return { from: SELF, to: OUTSIDE, kind: 'request', text: `event ${Name} to ${InstanceId}` };
  }
  const to = actors.of('entity', `${name} ${key}`);
  const input = Input ?? '';
  const [, id] = /"id"\s*:\s*"([^"]+)"/.exec(input) ?? [];
  const isSignal = /"signal"\s*:\s*true/.test(input);
  if (id !== undefined && !isSignal && Name !== 'release') actors.called(id, to);
  const [, operation] = /"op"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(input) ?? [];
  return request(to, operation ?? (Name === 'release' ? 'unlock' : 'lock'));
}

/** The columns, and who in them was asked for what. */
class Actors {
  readonly all: Actor[];
  readonly #columns = new Map<string, number>();
  readonly #asked = new Map<number, number>();
  readonly #calls = new Map<string, number>();

  constructor(events: readonly HistoryEvent[]) {
    const started = events.find(({ EventType }) => EventType === 'ExecutionStarted');
    const label = started?.EventType === 'ExecutionStarted' ? started.Name : 'orchestrator';
    this.all = [
      { kind: 'outside', label: 'outside' },
      { kind: 'orchestrator', label },
    ];
  }

  of(kind: Actor['kind'], label: string): number {
    const key = `${kind} ${label}`;
    const known = this.#columns.get(key);
    if (known !== undefined) return known;
    const isLast = this.all.length >= MAX_ACTORS - 1;
    if (this.all.length < MAX_ACTORS) {
      this.all.push(isLast ? { kind: 'others', label: 'others' } : { kind, label });
    }
    const column = this.all.length - 1;
    this.#columns.set(key, column);
    return column;
  }

  ask(eventId: number, kind: Actor['kind'], label: string): number {
    const column = this.of(kind, label);
    this.#asked.set(eventId, column);
    return column;
  }

  /** Who answers a request; somebody outside when it is not in the history. */
  answers(eventId: number): number {
    return this.#asked.get(eventId) ?? OUTSIDE;
  }

  called(requestId: string, column: number): void {
    this.#calls.set(requestId, column);
  }

  takeCall(requestId: string): number | undefined {
    const column = this.#calls.get(requestId);
    this.#calls.delete(requestId);
    return column;
  }
}
