/** Spans for the OpenTelemetry SDK of the app, if it has one: by the app's own copy of the api, else by ours. */
import type { Config } from '../config/config.ts';
import { loadOptionalPackage } from '../function-app/optional-package.ts';
import { type OpenTelemetryApi, openTelemetryTracing } from '../telemetry/open-telemetry.ts';
import type { Tracing } from '../telemetry/tracing.ts';

/** Loads nothing before an SDK is registered. */
export function tracingOf(config: Pick<Config, 'scriptRoot'>): Tracing {
  return openTelemetryTracing(() => loadOpenTelemetryApi(config));
}

export function loadOpenTelemetryApi({ scriptRoot }: Pick<Config, 'scriptRoot'>): OpenTelemetryApi {
  return loadOptionalPackage({
    name: '@opentelemetry/api',
    neededBy: 'The OpenTelemetry SDK of the app',
    folders: [scriptRoot, import.meta.dirname],
  }) as OpenTelemetryApi;
}
