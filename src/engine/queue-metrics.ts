/** What waits in a hub, as metrics: read from storage when somebody reads them. */
import type { HubBacklog } from '../core/hub-backlog.ts';
import { gauge, type Labels, type Metric } from '../telemetry/metrics.ts';

export class QueueMetrics {
  readonly #read: () => Promise<HubBacklog>;
  /** Nothing is told while storage does not tell. */
  #latest: HubBacklog | undefined;
  readonly all: readonly Metric[] = [
    gauge('durabletask_queue_messages', 'Messages of the hub that a worker can take now.', () =>
      this.#eachQueue(({ waiting }) => waiting),
    ),
    gauge(
      'durabletask_queue_hidden_messages',
      'Messages in the hands of workers, and those that are due later.',
      () => this.#eachQueue(({ hidden }) => hidden),
    ),
    gauge(
      'durabletask_queue_age_seconds',
      'How long the oldest message that waits could have been taken.',
      () => this.#eachQueue(({ oldestWaitingMs = 0 }) => oldestWaitingMs / 1000),
    ),
    gauge('durabletask_processes', 'Processes that own a part of the hub.', () =>
      this.#latest ? [{ labels: {}, value: this.#latest.processes }] : [],
    ),
  ];

  constructor(read: () => Promise<HubBacklog>) {
    this.#read = read;
  }

  /** Never rejects: all else is worth knowing just when storage does not answer. */
  async refresh(): Promise<void> {
    this.#latest = await this.#read().catch(() => undefined);
  }

  #eachQueue(
    valueOf: (queue: HubBacklog['workItems']) => number,
  ): { readonly labels: Labels; readonly value: number }[] {
    if (!this.#latest) return [];
    const { controlQueues, workItems } = this.#latest;
    return [...controlQueues, workItems].map((queue) => ({
      labels: { queue: queue.name },
      value: valueOf(queue),
    }));
  }
}
