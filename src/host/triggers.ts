/** What runs functions of the app beside the task hub: HTTP requests, timers, queues, blobs. */
import type { BlobTriggers } from '../bindings/blob-trigger/blob-triggers.ts';
import type { QueueTriggers } from '../bindings/queue-triggers.ts';
import type { Config } from '../config/config.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import { functionAccess } from '../http/auth.ts';
import type { Logger } from '../telemetry/log.ts';
import { createHttpTriggerHandler, type HttpTriggerHandler } from '../triggers/http-trigger.ts';
import type { HostBindings } from '../hub/bindings.ts';
import { summarize, type FunctionSummary } from './function-summary.ts';
import type { HostKeys } from '../hub/keys/host-keys.ts';
import { createTimers, type Timers } from './timers.ts';
import { unknownTriggers } from './unknown-triggers.ts';

export interface TriggersOptions {
  readonly config: Config;
  readonly app: FunctionApp;
  readonly bindings: HostBindings;
  /** undefined: everything is open. */
  readonly keys: HostKeys | undefined;
  /** `http://localhost:7071` */
  readonly url: string;
  readonly log: Logger;
}

export interface Triggers {
  readonly http: HttpTriggerHandler;
  readonly timers: Timers;
  readonly queues: QueueTriggers;
  readonly blobs: BlobTriggers;
  /** Functions that cannot be loaded, and those whose trigger cannot be used: they can be run by hand at most. */
  readonly problems: readonly FunctionProblem[];
  /** Those that run, and those that are disabled. */
  readonly functions: readonly FunctionSummary[];
}

/** Nothing runs yet. */
export function createTriggers(options: TriggersOptions): Triggers {
  const { app, bindings, config, keys, log, url } = options;
  const http = createHttpTriggerHandler({
    ...(keys && { authorize: functionAccess(keys.ring) }),
    app,
    routePrefix: config.http.routePrefix,
    customHeaders: config.http.customHeaders,
    log,
  });
  const timers = createTimers(config, app, log);
  const queues = bindings.queueTriggers(app, log);
  const blobs = bindings.blobTriggers(app, log);
  const problems = [
    ...[app, http, timers, queues, blobs].flatMap((part) => part.problems),
    ...unknownTriggers(app),
  ];
  const functions = summarize(app.functions, { endpoints: http.endpoints, problems, url });
  return { http, timers, queues, blobs, problems, functions };
}
