/**
 * One execution of an instance as a fold over its history. Events are appended, never changed; what the other rules ask for
 * is kept up to date on the way, so that no question walks the history again. Mirrors DurableTask.Core OrchestrationRuntimeState.
 */
import { RELEASE_EVENT } from './entity/release-message.ts';
import type {
  EventSentEvent,
  ExecutionCompletedEvent,
  ExecutionStartedEvent,
  ExecutionTerminatedEvent,
  HistoryEvent,
} from './history-event.ts';
import { isEntityId, toExecutionId, type ExecutionId, type InstanceId } from './ids.ts';
import { isTerminal, type RuntimeStatus } from './instance-status.ts';
import type { ScheduledEvent } from './replay/scheduled.ts';

export class OrchestrationState {
  readonly instanceId: InstanceId;
  readonly events: HistoryEvent[] = [];
  /** Characters of all payload texts: a measure of the memory held. */
  payloadLength = 0;
  #started: ExecutionStartedEvent | undefined;
  #completed: ExecutionCompletedEvent | undefined;
  #terminated: ExecutionTerminatedEvent | undefined;
  #isSuspended = false;
  #hasExternalEvents = false;
  #episodes = 0;
  #nextEventId = 0;
  #clockMs = 0;
  readonly #requests = new Map<number, ScheduledEvent>();
  readonly #answeredIds = new Set<number>();
  /** Requests to entities by their ids. */
  readonly #entityRequests = new Map<string, 'signal' | 'open' | 'answered'>();
  /** Their ids by their step ids. */
  readonly #requestsOfSteps = new Map<string, string>();

  constructor(instanceId: InstanceId) {
    this.instanceId = instanceId;
  }

  append(event: HistoryEvent): void {
    this.events.push(event);
    this.payloadLength += payloadLength(event);
    switch (event.EventType) {
      case 'ExecutionStarted':
        this.#started = event;
        break;
      case 'ExecutionCompleted':
      case 'ContinueAsNew':
        this.#completed ??= event;
        break;
      case 'ExecutionTerminated':
        this.#terminated ??= event;
        break;
      case 'ExecutionSuspended':
        this.#isSuspended = true;
        break;
      case 'ExecutionResumed':
        this.#isSuspended = false;
        break;
      case 'OrchestratorStarted':
        this.#episodes++;
        this.#clockMs = Math.max(this.#clockMs, Date.parse(event.Timestamp));
        break;
      case 'TaskScheduled':
      case 'TimerCreated':
      case 'SubOrchestrationInstanceCreated':
        this.#schedule(event);
        break;
      case 'EventSent':
        this.#schedule(event);
        this.#noteRequest(event);
        break;
      case 'TaskCompleted':
      case 'TaskFailed':
      case 'SubOrchestrationInstanceCompleted':
      case 'SubOrchestrationInstanceFailed':
        this.#answeredIds.add(event.TaskScheduledId);
        break;
      case 'TimerFired':
        this.#answeredIds.add(event.TimerId);
        break;
      case 'EventRaised':
        this.#hasExternalEvents = true;
        if (this.hasSentRequest(event.Name))
          this.#entityRequests.set(event.Name.toLowerCase(), 'answered');
        break;
      case 'OrchestratorCompleted':
      case 'GenericEvent':
      case 'HistoryState':
      case 'ExecutionRewound':
        break;
    }
  }

  get started(): ExecutionStartedEvent | undefined {
    return this.#started;
  }

  get executionId(): ExecutionId | undefined {
    const id = this.#started?.OrchestrationInstance.ExecutionId;
    return id ? toExecutionId(id) : undefined;
  }

  get completed(): ExecutionCompletedEvent | undefined {
    return this.#completed;
  }

  /** The request to terminate, which wins over everything that has not completed before it. */
  get terminated(): ExecutionTerminatedEvent | undefined {
    return this.#terminated;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  get runtimeStatus(): RuntimeStatus {
    if (this.#completed) return this.#completed.OrchestrationStatus;
    return this.#isSuspended ? 'Suspended' : 'Running';
  }

  get isTerminal(): boolean {
    return isTerminal(this.runtimeStatus);
  }

  /** Whether an event was raised to this execution. */
  get hasExternalEvents(): boolean {
    return this.#hasExternalEvents;
  }

  /** How many episodes there were: OrchestratorStarted events. */
  get episodes(): number {
    return this.#episodes;
  }

  /** The latest OrchestratorStarted, in ms since the epoch. */
  get clockMs(): number {
    return this.#clockMs;
  }

  /** One above every id that was handed out. */
  get nextEventId(): number {
    return this.#nextEventId;
  }

  /** The event that records the task, timer, sub-orchestration or sent event with this id; undefined when history has none. */
  requestOf(id: number): ScheduledEvent | undefined {
    return this.#requests.get(id);
  }

  /** Whether its answer is in history. */
  hasAnswered(id: number): boolean {
    return this.#answeredIds.has(id);
  }

  /** Whether a request with this id was sent to an entity. */
  hasSentRequest(requestId: string): boolean {
    return this.#entityRequests.has(requestId.toLowerCase());
  }

  /** The id of the request to an entity that has this step id. */
  requestOfStep(stepId: string): string | undefined {
    return this.#requestsOfSteps.get(stepId);
  }

  /** Whether the answer of the entity is in history. */
  hasAnsweredRequest(requestId: string): boolean {
    return this.#entityRequests.get(requestId.toLowerCase()) === 'answered';
  }

  /** Whether an entity still has to answer a call or a lock request. */
  get hasOpenEntityCalls(): boolean {
    return [...this.#entityRequests.values()].includes('open');
  }

  #schedule(event: ScheduledEvent): void {
    this.#requests.set(event.EventId, event);
    this.#nextEventId = Math.max(this.#nextEventId, event.EventId + 1);
  }

  #noteRequest({ InstanceId, Name, Input }: EventSentEvent): void {
    // A look at the text is enough, and does not fail on inputs that are no requests.
    const id = /"id":"([^"]+)"/.exec(Input ?? '')?.[1];
    if (id === undefined || Name === RELEASE_EVENT) return;
    const isCall = isEntityId(InstanceId) && !/"signal":\s*true/.test(Input ?? '');
    this.#entityRequests.set(id.toLowerCase(), isCall ? 'open' : 'signal');
    const stepId = /"stepId":"([^"]+)"/.exec(Input ?? '')?.[1];
    if (stepId !== undefined) this.#requestsOfSteps.set(stepId, id);
  }
}

/** Characters of the texts of an event, and what it takes besides. */
export function payloadLength(event: HistoryEvent): number {
  let length = 200;
  for (const member in event) {
    const value: unknown = event[member as keyof HistoryEvent];
    if (typeof value === 'string') length += value.length;
  }
  return length;
}
