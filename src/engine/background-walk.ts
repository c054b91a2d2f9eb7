/** Something that a worker does again and again beside its work, with long pauses, until it is stopped. */
import { pause } from '../base/pause.ts';

/** Waits; returns early when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface BackgroundWalkOptions {
  readonly firstPauseMs: number;
  /** @default real time */
  readonly wait?: Wait | undefined;
  /** One turn. Does not throw. @returns the pause until the next, in ms */
  readonly turn: () => Promise<number>;
}

export class BackgroundWalk {
  readonly #options: BackgroundWalkOptions;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: BackgroundWalkOptions) {
    this.#options = options;
  }

  /** Aborts when the walk is to end: a turn under way finishes what it is at. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when a turn under way is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { firstPauseMs, wait = pause, turn } = this.#options;
    const { signal } = this;
    for (let pauseMs = firstPauseMs; ; pauseMs = await turn()) {
      await wait(pauseMs, signal);
      if (signal.aborted) return;
    }
  }
}
