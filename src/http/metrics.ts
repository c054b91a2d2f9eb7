/** GET /metrics, for Prometheus. */
import type { Metric } from '../telemetry/metrics.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../telemetry/prometheus-text.ts';

export function isMetricsRequest({ method, url }: Request): boolean {
  return method === 'GET' && new URL(url).pathname === '/metrics';
}

export function metricsResponse(metrics: readonly Metric[]): Response {
  return new Response(prometheusText(metrics), {
    headers: { 'content-type': PROMETHEUS_CONTENT_TYPE, 'cache-control': 'no-store' },
  });
}
