import * as api from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { HubMetrics } from '../../src/telemetry/hub-metrics.ts';
import { Counter, gauge, Histogram } from '../../src/telemetry/metrics.ts';
import { observeMetrics } from '../../src/telemetry/open-telemetry-metrics.ts';
import { prometheusText } from '../../src/telemetry/prometheus-text.ts';

describe('the text for Prometheus', () => {
  it('has counters by their labels, whatever these hold', () => {
    const counter = new Counter('runs_total', 'Runs.');
    counter.add({ name: 'a' });
    counter.add({ name: 'a' });
    counter.add({ name: 'say "hi"\n\\' });

    expect(prometheusText([counter])).toBe(
      '# HELP runs_total Runs.\n# TYPE runs_total counter\nruns_total{name="a"} 2\nruns_total{name="say \\"hi\\"\\n\\\\"} 1\n',
    );
  });

  it('has histograms that add up', () => {
    const histogram = new Histogram('run_seconds', 'Runs.');
    for (const seconds of [0.02, 0.05, 7, 1000]) histogram.observe({ name: 'a' }, seconds);
    const lines = prometheusText([histogram]).split('\n');

    expect(lines).toContain('run_seconds_bucket{name="a",le="0.02"} 1');
    expect(lines).toContain('run_seconds_bucket{name="a",le="0.1"} 2');
    expect(lines).toContain('run_seconds_bucket{name="a",le="300"} 3');
    expect(lines).toContain('run_seconds_bucket{name="a",le="+Inf"} 4');
    expect(lines).toContain('run_seconds_sum{name="a"} 1007.07');
    expect(lines).toContain('run_seconds_count{name="a"} 4');
  });

  it('leaves out what has no samples', () => {
    expect(prometheusText([new Counter('runs_total', 'Runs.'), gauge('g', 'G.', () => [])])).toBe(
      '',
    );
  });

  it('does not grow without bound', () => {
    const counter = new Counter('runs_total', 'Runs.');
    for (let n = 0; n < 5_000; n++) counter.add({ name: String(n) });

    expect(counter.samples()).toHaveLength(1_000);
  });
});

describe('the SDK of the app', () => {
  afterEach(() => {
    api.metrics.disable();
  });

  it('reads the same', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    const metrics = new HubMetrics();
    metrics.instance('Ship', 'Completed');
    metrics.activity('Pack', 'failed', 2);
    let waiting = 0;
    const queue = gauge('queue', 'Q.', () => [{ labels: { queue: 'q' }, value: waiting }]);

    const end = observeMetrics(api, [...metrics.all, queue], () => {
      waiting = 3;
      return Promise.resolve();
    });
    await reader.forceFlush();
    end();

    const read = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? [];
    const pointsOf = (name: string) =>
      read
        .find(({ descriptor }) => descriptor.name === name)
        ?.dataPoints.map(({ attributes, value }) => ({ attributes, value }));
    expect(pointsOf('durabletask_instances_total')).toEqual([
      { attributes: { name: 'Ship', status: 'Completed' }, value: 1 },
    ]);
    expect(pointsOf('durabletask_activity_seconds_sum')).toEqual([
      { attributes: { name: 'Pack', result: 'failed' }, value: 2 },
    ]);
    expect(pointsOf('queue')).toEqual([{ attributes: { queue: 'q' }, value: 3 }]);
    await reader.shutdown();
  });
});
