/**
 * Publishes lifecycle events to an Event Grid topic: those of one instance one after the other, those of different instances
 * side by side. A topic that does not answer holds up no orchestration; what is given up is in the log.
 */
import { setMaxListeners } from 'node:events';
import type { LifecycleEvent } from '../../core/lifecycle/lifecycle-events.ts';
import type { LifecycleNotifications } from '../../engine/lifecycle-notifications.ts';
import { pause } from '../../base/pause.ts';
import { Slots } from '../../base/slots.ts';
import { lifecycleEventLost, lifecycleEventPublished } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { EventGridTopic } from './event-grid-topic.ts';
import { eventGridBody, postEvent } from './post-event.ts';

const MAX_REQUESTS = 16;
/** So many events wait for a topic that is away; further ones are given up, or memory would fill. */
const MAX_WAITING = 10_000;
/** How long a stopping host waits for the answers of the topic. */
const STOP_PATIENCE_MS = 5_000;

export interface EventGridNotificationsOptions {
  readonly topic: EventGridTopic;
  readonly taskHub: string;
  readonly log: Logger;
}

export class EventGridNotifications implements LifecycleNotifications {
  readonly #options: EventGridNotificationsOptions;
  readonly #slots = new Slots(MAX_REQUESTS);
  /** The last call for each instance. */
  readonly #tails = new Map<string, Promise<boolean>>();
  readonly #stopping = new AbortController();
  readonly #requests = new AbortController();
  #waitingCount = 0;

  constructor(options: EventGridNotificationsOptions) {
    this.#options = options;
    // Each request and each event that waits for another try listens, and Node takes more than ten for a leak.
    setMaxListeners(0, this.#stopping.signal, this.#requests.signal);
  }

  async publish(events: readonly LifecycleEvent[]): Promise<boolean> {
    const wanted = events.filter(({ status }) => this.#options.topic.statuses.has(status));
    const instanceId = wanted[0]?.instanceId;
    if (instanceId === undefined) return true;
    const turn = this.#inTurn(instanceId, wanted);
    this.#tails.set(instanceId, turn);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(instanceId) === turn) this.#tails.delete(instanceId);
    }
  }

  async stop(abort?: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const stopRequests = (): void => {
      this.#requests.abort();
    };
    abort?.addEventListener('abort', stopRequests, { once: true });
    if (abort?.aborted === true) stopRequests();
    const timer = setTimeout(stopRequests, STOP_PATIENCE_MS);
    await Promise.all(this.#tails.values());
    clearTimeout(timer);
    abort?.removeEventListener('abort', stopRequests);
  }

  async #inTurn(instanceId: string, events: readonly LifecycleEvent[]): Promise<boolean> {
    const before = this.#tails.get(instanceId);
    if (this.#waitingCount >= MAX_WAITING) {
      for (const event of events) this.#lost(event, `${MAX_WAITING} events wait for the topic`);
      return true;
    }
    this.#waitingCount += events.length;
    try {
      await before;
      for (const event of events) if (!(await this.#publishOne(event))) return false;
      return true;
    } finally {
      this.#waitingCount -= events.length;
    }
  }

  async #publishOne(event: LifecycleEvent): Promise<boolean> {
    const { topic, taskHub, log } = this.#options;
    const body = eventGridBody(event, taskHub);
    for (let tries = 1; ; tries++) {
      const outcome = await this.#post(body);
      if (outcome === undefined) return false;
      if (outcome.kind === 'accepted') {
        lifecycleEventPublished(log, this.#fields(event));
        return true;
      }
      if (!outcome.mayRetry || tries > topic.retryCount) {
        this.#lost(event, `${outcome.reason} (try ${tries} of ${topic.retryCount + 1})`);
        return true;
      }
      await pause(topic.retryIntervalMs, this.#stopping.signal);
    }
  }

  /** undefined when the host stops. */
  async #post(body: string) {
    await this.#slots.acquire();
    try {
      if (this.#stopping.signal.aborted) return undefined;
      const outcome = await postEvent(this.#options.topic, body, this.#requests.signal);
      return this.#requests.signal.aborted ? undefined : outcome;
    } finally {
      this.#slots.release();
    }
  }

  #lost(event: LifecycleEvent, reason: string): void {
    lifecycleEventLost(this.#options.log, { ...this.#fields(event), reason });
  }

  #fields({ instanceId, functionName, status }: LifecycleEvent) {
    return { taskHub: this.#options.taskHub, instanceId, functionName, status };
  }
}
