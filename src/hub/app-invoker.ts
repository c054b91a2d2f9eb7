/** The engine's way to the functions of a loaded app, durable HTTP included. */
import type { Config } from '../config/config.ts';
import type { FunctionInvoker } from '../engine/function-invoker.ts';
import { createAppInvoker } from '../function-app/app-invoker.ts';
import { managedIdentityTokens } from '../function-app/durable-http/managed-identity.ts';
import { withHttpActivity } from '../function-app/durable-http/with-http-activity.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import type { Logger } from '../telemetry/log.ts';
import { tracingOf } from './tracing.ts';

/** @param around.version of the package. */
export function invokerOf(
  app: FunctionApp,
  config: Config,
  around: { readonly log: Logger; readonly version: string },
): FunctionInvoker {
  const { durableTask, scriptRoot } = config;
  const { log, version } = around;
  const tracing = tracingOf(config);
  const settings = {
    defaultHttpAsyncRequestSleepTimeMs: durableTask.httpSettings.defaultAsyncRequestSleepTimeMs,
  };
  return withHttpActivity(createAppInvoker({ app, settings, log, tracing }), {
    log,
    tokens: managedIdentityTokens([scriptRoot, import.meta.dirname]),
    userAgent: `durable-functions-extension/${version}`,
  });
}
