/**
 * The engine inside the worker. It opens its hub while the worker goes on: an account that does not answer keeps nobody from serving
 * the other functions of the app, and is tried again until it does. Whoever needs the hub waits for the attempt under way, and is
 * told why it failed.
 */
import { whenAborted } from '../base/abort.ts';
import { PollBackoff } from '../base/back-off.ts';
import { pause } from '../base/pause.ts';
import { BackendUnavailableError, DurableError } from '../core/errors.ts';
import { messageResponse, type FetchHandler } from '../http/responses.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { OpenHub } from './open-hub.ts';

export interface EngineOptions {
  /** One attempt. */
  readonly open: () => Promise<OpenHub>;
  readonly log: Logger;
}

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;
const CATEGORY = 'Host.Startup';

export class Engine {
  readonly #options: EngineOptions;
  readonly #stopping = new AbortController();
  #attempt: Promise<OpenHub> | undefined;
  /** Ends with the hub, or without when there will be none. */
  #starting: Promise<OpenHub | undefined> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Returns at once; what becomes of it is logged. */
  start(): void {
    this.#starting ??= this.#start();
  }

  /** @throws {BackendUnavailableError} that says why there is none. */
  async hub(): Promise<OpenHub> {
    try {
      if (this.#attempt === undefined) throw new Error('it has not been opened yet');
      return await this.#attempt;
    } catch (error) {
      throw new BackendUnavailableError(`The task hub is not open: ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  /** Answers 503 while there is no hub. */
  door(which: 'rpc' | 'public'): FetchHandler {
    return {
      fetch: async (request) => {
        let hub: OpenHub;
        try {
          hub = await this.hub();
        } catch (error) {
          return messageResponse(503, errorText(error));
        }
        return await hub.doors[which].fetch(request);
      },
    };
  }

  /** Takes no new work and finishes what runs; when `abort` fires, that is left to be delivered again. */
  async stop(abort: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const opened = await Promise.race([this.#starting, whenAborted(abort)]);
    await opened?.worker.stop({ abort });
  }

  async #start(): Promise<OpenHub | undefined> {
    const { log } = this.#options;
    const backoff = new PollBackoff(LONGEST_PAUSE_MS, Math.random, FIRST_PAUSE_MS);
    while (!this.#stopping.signal.aborted) {
      this.#attempt = this.#open();
      try {
        return await this.#attempt;
      } catch (error) {
        const isFinal = error instanceof DurableError && error.code !== 'BACKEND_UNAVAILABLE';
        const then = isFinal
          ? 'Durable functions do not run, the other functions of the app do.'
          : 'It is tried again; durable functions wait, the other functions of the app run.';
        text(log, 'error', CATEGORY, `${errorText(error)} ${then}`, error);
        if (isFinal) return undefined;
        await pause(backoff.nextMs(), this.#stopping.signal);
      }
    }
    return undefined;
  }

  async #open(): Promise<OpenHub> {
    const hub = await this.#options.open();
    if (!this.#stopping.signal.aborted) await hub.worker.start();
    return hub;
  }
}
