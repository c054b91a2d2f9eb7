/** How late the event loop of this process is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gauge, type Metric } from './metrics.ts';

const PERCENTILES = [50, 99, 100];

/** Measures from now on; each reading tells of the time since the one before. */
export function eventLoopDelay(): Metric {
  const delays = monitorEventLoopDelay({ resolution: 20 });
  delays.enable();
  return gauge(
    'durabletask_event_loop_delay_seconds',
    'How late the event loop was, since the last reading.',
    () => {
      const samples = PERCENTILES.map((percentile) => ({
        labels: { quantile: String(percentile / 100) },
        value: delays.percentile(percentile) / 1e9,
      }));
      delays.reset();
      return samples;
    },
  );
}
