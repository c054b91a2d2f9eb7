/** The timer functions of the app, from their bindings to their listeners. */
import { createBlobTimerStatusStore } from '../azure-storage/blobs/timer-status-store.ts';
import type { Config } from '../config/config.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import type { Logger } from '../telemetry/log.ts';
import { createMemoryTimerStatusStore, type TimerStatusStore } from '../triggers/timer-status.ts';
import { TimerListener } from '../triggers/timer-trigger.ts';
import { hostIdOf } from '../hub/host-id.ts';
import { openConnection } from '../hub/accounts/storage-access.ts';
import { createFileTimerStatusStore } from '../local/timer-status-store.ts';

export interface Timers {
  /** Functions whose schedule cannot be used. */
  readonly problems: readonly FunctionProblem[];
  start(): Promise<void>;
  /** Resolves when no timer function runs any more. */
  stop(): Promise<void>;
}

export function createTimers(config: Config, app: FunctionApp, log: Logger): Timers {
  const statusStore = createStatusStore(config);
  const timeZone = process.env['WEBSITE_TIME_ZONE'];
  const listeners: TimerListener[] = [];
  const problems: FunctionProblem[] = [];
  for (const fn of app.functions.filter((each) => each.kind === 'timer' && !each.isDisabled)) {
    try {
      const options = { app, fn, statusStore, log, ...(timeZone !== undefined && { timeZone }) };
      listeners.push(new TimerListener(options));
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      problems.push({ functionName: fn.name, reason: error.message });
    }
  }
  return {
    problems,
    start: async () => {
      await Promise.all(listeners.map((listener) => listener.start()));
    },
    stop: async () => {
      await Promise.all(listeners.map((listener) => listener.stop()));
    },
  };
}

function createStatusStore(config: Config): TimerStatusStore {
  if (config.localFolder !== undefined) return createFileTimerStatusStore(config.localFolder);
  if (config.connection === undefined) return createMemoryTimerStatusStore();
  return createBlobTimerStatusStore(openConnection(config.connection, config), hostIdOf(config));
}
