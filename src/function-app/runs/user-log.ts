/** What user code and its libraries log, through the app's log hooks to our log. Mirrors worker/src/WorkerContext.log. */
import { errorText, text } from '../../telemetry/log-events.ts';
import { LOG_LEVELS, type LogFields, type LogLevel, type Logger } from '../../telemetry/log.ts';
import { currentScope } from './function-run.ts';
import { hookContext, type Hooks } from '../hooks.ts';
import { unwatched } from '../orchestrator-code/api-watch.ts';

export interface LogOrigin {
  /** undefined outside of any function. */
  readonly functionName: string | undefined;
  /** Shared by the hooks of one invocation. */
  readonly hookData: Record<string, unknown>;
  readonly invocationContext: unknown;
  readonly fields: LogFields;
}

export class UserLog {
  readonly #log: Logger;
  readonly #hooks: Hooks;

  constructor(log: Logger, hooks: Hooks) {
    this.#log = log;
    this.#hooks = hooks;
  }

  /** @param category `user`, `system` or `customMetric`. Only records of the user can be changed by hooks. */
  write(level: string, category: string, message: string, origin: LogOrigin): void {
    if (currentScope()?.isSilent === true) return;
    // Hooks and sinks may ask the time: they are no orchestrators, even when an orchestrator logs.
    unwatched(() => {
      this.#write(level, category, message, origin);
    });
  }

  #write(level: string, category: string, message: string, origin: LogOrigin): void {
    const record = hookContext(
      {
        hookData: origin.hookData,
        appHookData: this.#hooks.appHookData,
        invocationContext: origin.invocationContext,
        category,
      },
      { level, message },
    );
    this.#hooks.runLog(record, (error) => {
      text(this.#log, 'warning', 'Host.Function.Console', `A log hook failed: ${errorText(error)}`);
    });
    const shown = category === 'user' ? record : { level, message };
    if (!isLogLevel(shown.level)) return;
    this.#log.write({
      level: shown.level,
      category: categoryName(category, origin.functionName),
      message: shown.message,
      eventId: 0,
      fields: origin.fields,
    });
  }
}

/** `none` is a level of the protocol too: nothing is logged. */
function isLogLevel(level: string): level is LogLevel {
  return LOG_LEVELS.some((known) => known === level);
}

function categoryName(category: string, functionName: string | undefined): string {
  if (functionName === undefined) return 'Host.Function.Console';
  return category === 'user' ? `Function.${functionName}.User` : `Function.${functionName}`;
}
