/**
 * One timer function: waits for its occurrences and runs it. Mirrors TimerListener of the timers extension.
 * T1 Runs never overlap: the next wait begins when the run has ended.
 * T2 The next occurrence is counted from the time a run was due, so that those missed during a long run shrink to one, at once.
 * T3 Neither a failing function nor a failing status store ends the timer.
 * T4 A function with retry options is tried again before the next wait begins.
 * T5 After stop() resolves nothing of this timer runs any more.
 */
import { type Clock, MAX_TIMER_MS, SYSTEM_CLOCK } from '../base/clock.ts';
import { InvalidInputError } from '../core/errors.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { nextOccurrences, parseSchedule, type TimerSchedule } from './cron.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import { runFunction } from './run-function.ts';
import { runWithRetries } from './run-with-retries.ts';
import { invariantDate, timerRequest } from './timer-payload.ts';
import {
  type TimerStatus,
  type TimerStatusStore,
  instantOf,
  statusAfterRun,
  statusAtStart,
} from './timer-status.ts';
import { formatLocal, formatRoundTrip } from './wall-clock.ts';

export interface TimerListenerOptions {
  readonly app: Pick<FunctionApp, 'invoke'>;
  /** Its trigger: `schedule` (app settings resolved), `runOnStartup` (default false), `useMonitor` (default true). */
  readonly fn: LoadedFunction;
  /** Without one, missed occurrences stay missed and the function sees no schedule status. */
  readonly statusStore?: TimerStatusStore;
  readonly log: Logger;
  /** IANA name. @default the time zone of the process */
  readonly timeZone?: string;
  /** @default the system clock and its timers */
  readonly clock?: Clock;
}

type Occasion =
  | { readonly kind: 'scheduled' }
  | { readonly kind: 'pastDue'; readonly originalSchedule: number }
  | { readonly kind: 'startup' };

export class TimerListener {
  readonly functionName: string;
  readonly schedule: TimerSchedule;
  readonly #options: TimerListenerOptions;
  readonly #clock: Clock;
  readonly #store: TimerStatusStore | undefined;
  #state: 'idle' | 'started' | 'stopped' = 'idle';
  #status: TimerStatus | undefined;
  #cancelWait: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @throws {InvalidInputError} if the schedule is missing or cannot be read; the message is the function's error. */
  constructor(options: TimerListenerOptions) {
    const { fn, statusStore, timeZone } = options;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.functionName = fn.name;
    this.schedule = scheduleOf(fn, timeZone);
    const keepsStatus = !isFalse(fn.trigger['useMonitor']) && !this.schedule.isSubMinute;
    this.#store = keepsStatus ? statusStore : undefined;
  }

  /** Reads the status, logs the next occurrences and begins to wait. A run that is due at once begins after this resolves. */
  async start(): Promise<void> {
    if (this.#state !== 'idle') {
      throw new Error(`The timer of function '${this.functionName}' was started before.`);
    }
    this.#state = 'started';
    const { status, toWrite, isPastDue } = statusAtStart(
      await this.#readStatus(),
      this.schedule,
      this.#clock.now(),
    );
    this.#status = status;
    if (toWrite !== undefined) await this.#writeStatus(toWrite);
    this.#logNextOccurrences();
    const originalSchedule = instantOf(status.Next) ?? 0;
    if (isPastDue) this.#waitUntil(0, { kind: 'pastDue', originalSchedule });
    else if (isTrue(this.#options.fn.trigger['runOnStartup']))
      this.#waitUntil(0, { kind: 'startup' });
    else this.#waitForNext();
  }

  /** Ends the waiting; resolves when the run in progress, if any, has ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelWait?.();
    await this.#running;
  }

  #waitForNext(): void {
    const next = instantOf(this.#status?.Next ?? '');
    if (next !== undefined) this.#waitUntil(next, { kind: 'scheduled' });
  }

  /** Waits in steps: long waits must be split, and a timer may fire a little early. */
  #waitUntil(dueMs: number, occasion: Occasion): void {
    if (this.#state === 'stopped') return;
    const remaining = Math.max(0, dueMs - this.#clock.now());
    this.#cancelWait = this.#clock.schedule(Math.min(remaining, MAX_TIMER_MS), () => {
      if (dueMs > this.#clock.now()) this.#waitUntil(dueMs, occasion);
      else this.#running = this.#runAndWait(occasion);
    });
  }

  async #runAndWait(occasion: Occasion): Promise<void> {
    if (this.#state === 'stopped') return;
    const firedAt = this.#clock.now();
    const { app, fn, log } = this.#options;
    if (occasion.kind === 'pastDue')
      this.#debug(`Function '${fn.name}' is past due on startup. Executing now.`);
    if (occasion.kind === 'startup')
      this.#debug(`Function '${fn.name}' is configured to run on startup. Executing now.`);
    const request = timerRequest({
      schedule: this.schedule,
      status: this.#store === undefined ? null : (this.#status ?? null),
      isPastDue: occasion.kind === 'pastDue',
      firedAt,
    });
    const details = this.#detailsOf(occasion);
    const reason = `Timer fired at ${formatRoundTrip(this.schedule.clock, firedAt)}`;
    await runWithRetries({
      fn,
      request,
      log,
      run: (attempt) => runFunction(app, fn, attempt, { text: reason, details }, log),
      pause: (delayMs) => this.#pause(delayMs),
    });
    this.#status = statusAfterRun(this.schedule, firedAt);
    await this.#writeStatus(this.#status);
    this.#waitForNext();
  }

  #detailsOf(occasion: Occasion): Readonly<Record<string, string>> {
    switch (occasion.kind) {
      case 'scheduled':
        return {};
      case 'startup':
        return { UnscheduledInvocationReason: 'RunOnStartup' };
      case 'pastDue': {
        const OriginalSchedule = formatRoundTrip(this.schedule.clock, occasion.originalSchedule);
        return { UnscheduledInvocationReason: 'IsPastDue', OriginalSchedule };
      }
    }
  }

  /** Between retries; false as soon as the timer is stopped. */
  #pause(delayMs: number): Promise<boolean> {
    if (this.#state === 'stopped') return Promise.resolve(false);
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(Math.min(delayMs, MAX_TIMER_MS), () => {
        resolve(true);
      });
      this.#cancelWait = () => {
        cancel();
        resolve(false);
      };
    });
  }

  async #readStatus(): Promise<TimerStatus | undefined> {
    try {
      return await this.#store?.read(this.functionName);
    } catch (error) {
      this.#error('read', error);
      return undefined;
    }
  }

  async #writeStatus(status: TimerStatus): Promise<void> {
    try {
      await this.#store?.write(this.functionName, status);
    } catch (error) {
      this.#error('update', error);
    }
  }

  #logNextOccurrences(): void {
    const lines = nextOccurrences(this.schedule, this.#clock.now(), 5).map((occurrence) => {
      const local = invariantWithZone(formatLocal(this.schedule.clock, occurrence));
      const utc = invariantWithZone(new Date(occurrence).toISOString());
      return this.schedule.clock.offsetAt(occurrence) === 0 ? utc : `${local} (${utc})`;
    });
    text(
      this.#options.log,
      'information',
      'Host.Triggers.Timer',
      `The next 5 occurrences of the '${this.functionName}' schedule (${this.schedule.text}) will be:\n${lines.join('\n')}`,
    );
  }

  #debug(message: string): void {
    text(this.#options.log, 'debug', 'Host.Triggers.Timer', message);
  }

  #error(verb: string, error: unknown): void {
    const message = `Function '${this.functionName}' failed to ${verb} the timer trigger status: ${errorText(error)}`;
    text(this.#options.log, 'error', 'Host.Triggers.Timer', message, error);
  }
}

/** The schedule that a timer function's binding names. Also what a manual run tells the function. */
export function scheduleOf(fn: LoadedFunction, timeZone?: string): TimerSchedule {
  const expression = fn.trigger['schedule'];
  if (typeof expression !== 'string' || expression.trim() === '') {
    throw new InvalidInputError(
      `The timer trigger has no schedule. Give its binding a 'schedule' such as "0 */5 * * * *".`,
    );
  }
  return parseSchedule(expression, timeZone);
}

/** `11/21/2026 03:25:00+01:00`, `…Z` for UTC. */
function invariantWithZone(iso: string): string {
  return `${invariantDate(iso)}${/(Z|[+-]\d\d:\d\d)$/.exec(iso)?.[0] ?? ''}`;
}

/** Settings in bindings may come as text. */
function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

function isFalse(value: unknown): boolean {
  return value === false || (typeof value === 'string' && value.toLowerCase() === 'false');
}
