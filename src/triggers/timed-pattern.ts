/**
 * Regular expressions of the app, held against texts of anybody. Some patterns try all ways to part a text: `(a+)+b` takes forty
 * letters for longer than anybody lives, and nothing else would run meanwhile. .NET gives a route 10 s.
 */
import { type Context, createContext, Script } from 'node:vm';

const LIMIT_MS = 100;
/** While somebody sends such texts, they must not have more of the time than this. */
const SHORT_LIMIT_MS = 5;
const CAUTION_MS = 1_000;
/** The limits are of time that passed. When this process had less than so much of it, the machine was busy: try again. */
const SHARE_OF_TIME = 0.5;
const MOST_TRIES = 10;

/** The pattern has not come to an end with the text; the message names both. */
export class SlowPatternError extends Error {}

export class TimedPattern {
  readonly #pattern: RegExp;
  readonly #now: () => number;
  readonly #usedMs: () => number;
  #isSlowUntilMs = -Infinity;

  /**
   * @param now milliseconds of a clock that only goes forward.
   * @param usedMs how long this process has run on a processor.
   */
  constructor(
    pattern: RegExp,
    now: () => number = () => performance.now(),
    usedMs: () => number = processorTimeMs,
  ) {
    this.#pattern = pattern;
    this.#now = now;
    this.#usedMs = usedMs;
  }

  /** @throws {SlowPatternError} */
  test(text: string): boolean {
    const timeout = this.#now() < this.#isSlowUntilMs ? SHORT_LIMIT_MS : LIMIT_MS;
    for (let tries = 1; ; tries += 1) {
      const usedBeforeMs = this.#usedMs();
      try {
        return runScript({ pattern: this.#pattern, text }, timeout) === true;
      } catch (error) {
        if (!isTimeout(error)) throw error;
        const wasBusyElsewhere = this.#usedMs() - usedBeforeMs < timeout * SHARE_OF_TIME;
        if (wasBusyElsewhere && tries < MOST_TRIES) continue;
        this.#isSlowUntilMs = this.#now() + CAUTION_MS;
        throw new SlowPatternError(
          `The regular expression ${String(this.#pattern)} needs more than ${timeout} ms for ${JSON.stringify(text.slice(0, 100))}. Write it without repetitions of repetitions, such as (a+)+.`,
          { cause: error },
        );
      }
    }
  }
}

function processorTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const SCRIPT = new Script('pattern.test(text)');
/** Made once: it costs more than the script. */
let context: Context | undefined;

/** The one way to end what runs on this thread. */
function runScript(values: { readonly pattern: RegExp; readonly text: string }, timeout: number) {
  context ??= createContext({});
  Object.assign(context, values);
  return SCRIPT.runInContext(context, { timeout }) as unknown;
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
