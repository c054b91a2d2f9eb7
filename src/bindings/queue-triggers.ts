/** The functions with a queue trigger, from their bindings to their listeners. Mirrors QueueTriggerAttributeBindingProvider. */
import { setMaxListeners } from 'node:events';
import { DurableError } from '../core/errors.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { QueueEncoding } from './queue-message.ts';
import { QueueListener } from './queue-listener.ts';
import { declaredQueueName, poisonQueueName, toQueueName } from './queue-name.ts';
import { runMessage } from './queue-run.ts';
import { queueWork } from './queue-work.ts';
import type { StorageWatcher } from './storage-watcher.ts';
import type { StorageAccounts } from './storage-account.ts';
import { type HeldMessage, TriggerQueue } from './trigger-queue.ts';

/** `extensions.queues` of host.json. */
export interface QueueSettings {
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  readonly maxPollingIntervalMs: number;
  readonly maxDequeueCount: number;
  readonly visibilityTimeoutMs: number;
  readonly messageEncoding: QueueEncoding;
}

export interface QueueTriggersOptions {
  readonly app: Pick<FunctionApp, 'functions' | 'invoke'>;
  readonly accounts: StorageAccounts;
  readonly settings: QueueSettings;
  readonly watcher: StorageWatcher;
  readonly log: Logger;
  /** How long a message is held at a time. @default 10 minutes */
  readonly holdMs?: number;
}

export interface QueueTriggers {
  /** Functions whose queue cannot be listened to. */
  readonly problems: readonly FunctionProblem[];
  start(): void;
  /** Resolves when no message is in work any more; at `abort` gives back what is. */
  stop(abort: AbortSignal): Promise<void>;
}

const HOLD_MS = 600_000;

export function createQueueTriggers(options: QueueTriggersOptions): QueueTriggers {
  const listeners: QueueListener[] = [];
  const problems: FunctionProblem[] = [];
  const functions = options.app.functions.filter(
    ({ kind, isDisabled }) => kind === 'queue' && !isDisabled,
  );
  for (const fn of functions) {
    try {
      listeners.push(createListener(fn, options));
    } catch (error) {
      if (!(error instanceof DurableError)) throw error;
      const reason = `The binding '${fn.trigger.name}': ${error.message}`;
      problems.push({ functionName: fn.name, reason });
    }
  }
  return {
    problems,
    start: () => {
      for (const listener of listeners) listener.start();
    },
    stop: async (abort) => {
      // Each queue listens, and Node takes more than ten for a leak.
      setMaxListeners(0, abort);
      await Promise.all(listeners.map((listener) => listener.stop(abort)));
    },
  };
}

/** @throws {DurableError} whose message is the function's error. */
function createListener(fn: LoadedFunction, options: QueueTriggersOptions): QueueListener {
  const { accounts, settings, watcher, log, holdMs = HOLD_MS } = options;
  const name = toQueueName(declaredQueueName(fn.trigger));
  const clients = accounts.clientsOf(fn.trigger, 'queue');
  const queue = new TriggerQueue(clients.queue(name), holdMs);
  const poisonName = poisonQueueName(name);
  const poisonQueue = poisonName === undefined ? undefined : clients.queue(poisonName);
  const work = {
    ...{ app: options.app, fn, queueName: queue.name, log },
    encoding: settings.messageEncoding,
  };
  const run = {
    ...{ queue, holdMs, watcher, log },
    maxDequeueCount: settings.maxDequeueCount,
    visibilityTimeoutMs: settings.visibilityTimeoutMs,
    workOf: (message: HeldMessage) => queueWork(message, work),
    poisonQueueOf: () => poisonQueue,
  };
  const listener = new QueueListener({
    queue,
    batchSize: settings.batchSize,
    newBatchThreshold: settings.newBatchThreshold,
    maxPollingIntervalMs: settings.maxPollingIntervalMs,
    log,
    run: (message) => runMessage(message, run),
  });
  watcher.register(queue.url, () => {
    listener.wake();
  });
  warnOfRetries(fn, settings, log);
  return listener;
}

/** The .NET host ignores them silently. */
function warnOfRetries(fn: LoadedFunction, { maxDequeueCount }: QueueSettings, log: Logger): void {
  if (fn.retryOptions === undefined) return;
  text(
    log,
    'warning',
    'Host.Startup',
    `The function '${fn.name}' has retry options, which queue triggers do not use: a message that fails comes again until it was tried ${maxDequeueCount} times (maxDequeueCount of host.json).`,
  );
}
