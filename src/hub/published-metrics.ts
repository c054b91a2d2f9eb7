/** The metrics of a working hub, for whoever reads them: an endpoint of the host, or the OpenTelemetry SDK of the app. */
import type { TaskHubBackend } from '../engine/backend.ts';
import { QueueMetrics } from '../engine/queue-metrics.ts';
import type { ScaleSignal } from '../engine/scale-signal.ts';
import { eventLoopDelay } from '../telemetry/event-loop-delay.ts';
import type { HubMetrics } from '../telemetry/hub-metrics.ts';
import { gauge, type Metric } from '../telemetry/metrics.ts';
import { isRegistered, type OpenTelemetryApi } from '../telemetry/open-telemetry.ts';
import { observeMetrics } from '../telemetry/open-telemetry-metrics.ts';

export interface PublishedMetricsOptions {
  readonly metrics: HubMetrics;
  readonly backend: Pick<TaskHubBackend, 'outage' | 'ownedPartitions'>;
  /** Reads what waits, not too often. */
  readonly createScale: () => Pick<ScaleSignal, 'report'>;
  readonly loadApi: () => OpenTelemetryApi;
}

export class PublishedMetrics {
  readonly #options: PublishedMetricsOptions;
  readonly #queues: QueueMetrics;
  #all: readonly Metric[] | undefined;
  #endObservation: (() => void) | undefined;

  constructor(options: PublishedMetricsOptions) {
    this.#options = options;
    let scale: Pick<ScaleSignal, 'report'> | undefined;
    this.#queues = new QueueMetrics(async () => {
      scale ??= options.createScale();
      return (await scale.report()).backlog;
    });
  }

  /** With what is true now. Never rejects. */
  async read(): Promise<readonly Metric[]> {
    await this.#queues.refresh();
    return this.#known();
  }

  /** Has the SDK of the app read them, if one for metrics is registered. */
  start(): void {
    if (!isRegistered('metrics')) return;
    const refresh = (): Promise<void> => this.#queues.refresh();
    this.#endObservation = observeMetrics(this.#options.loadApi(), this.#known(), refresh);
  }

  stop(): void {
    this.#endObservation?.();
    this.#endObservation = undefined;
  }

  /** The event loop is watched from the first time that somebody wants to know. */
  #known(): readonly Metric[] {
    const { metrics, backend } = this.#options;
    const degraded = gauge(
      'durabletask_degraded',
      'Whether storage does not do its work: 1, or 0.',
      () => [{ labels: {}, value: backend.outage() ? 1 : 0 }],
    );
    const partitions = gauge(
      'durabletask_owned_partitions',
      'Partitions of the hub that this process works on.',
      () => [{ labels: {}, value: backend.ownedPartitions() }],
    );
    const now = [degraded, partitions, eventLoopDelay()];
    return (this.#all ??= [...metrics.all, ...this.#queues.all, ...now]);
  }
}
