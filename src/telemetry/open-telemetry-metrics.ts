/** Our metrics as observable instruments of `@opentelemetry/api`: the SDK of the app reads them when it exports. */
import type { OpenTelemetryApi } from './open-telemetry.ts';
import type { Metric, Sample } from './metrics.ts';

const METER = 'durable-functions-extension';

/**
 * @param refresh is awaited before each reading.
 * @returns ends it.
 */
export function observeMetrics(
  { metrics: api }: OpenTelemetryApi,
  metrics: readonly Metric[],
  refresh: () => Promise<void>,
): () => void {
  const meter = api.getMeter(METER);
  const parts = metrics.flatMap((metric) =>
    suffixesOf(metric).map((suffix) => {
      const name = metric.name + suffix;
      const options = { description: metric.help };
      const instrument =
        metric.type === 'gauge'
          ? meter.createObservableGauge(name, options)
          : meter.createObservableCounter(name, options);
      return { metric, suffix, instrument };
    }),
  );
  const instruments = parts.map(({ instrument }) => instrument);
  const read: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    await refresh();
    for (const { metric, suffix, instrument } of parts) {
      for (const { labels, value } of samplesOf(metric, suffix)) {
        result.observe(instrument, value, { ...labels });
      }
    }
  };
  meter.addBatchObservableCallback(read, instruments);
  return () => {
    meter.removeBatchObservableCallback(read, instruments);
  };
}

/** Observable instruments have no buckets: a histogram is its sum and its count. */
function suffixesOf({ type }: Metric): readonly string[] {
  return type === 'histogram' ? ['_sum', '_count'] : [''];
}

function samplesOf(metric: Metric, suffix: string): readonly Sample[] {
  return metric.samples().filter((sample) => sample.suffix === suffix);
}
