/** How long after an end that nobody wanted a host starts again, and what is said about it. */
import type { HostExit } from './host-process.ts';
import { unfinishedWork, type RecordedWork } from './run-record.ts';

const LONGEST_PAUSE_MS = 30_000;
/** A host that has been up for so long has overcome what ended those before it. */
const STABLE_MS = 60_000;
/** So many functions are named that ran when a host ended. */
const MAX_NAMED = 3;

export class RestartPauses {
  readonly #firstMs: number;
  #lastMs = 0;
  /** When the host that runs came up. */
  #startedMs: number | undefined;

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  /** Whether the last host, and perhaps others before it, ended too soon. */
  get isFailing(): boolean {
    return this.#lastMs > 0;
  }

  /** A host has come up. */
  started(): void {
    this.#startedMs = performance.now();
  }

  /** A host has ended. @returns how long to wait before the next one starts. */
  next(): number {
    const wasStable =
      this.#startedMs !== undefined && performance.now() - this.#startedMs > STABLE_MS;
    this.#startedMs = undefined;
    this.#lastMs = wasStable
      ? this.#firstMs
      : Math.min(this.#lastMs * 2 || this.#firstMs, LONGEST_PAUSE_MS);
    return this.#lastMs;
  }

  reset(): void {
    this.#lastMs = 0;
  }
}

/** `The host ended unexpectedly (SIGKILL) while activity 'Crunch' of 'abc' ran.` @param who begins the sentence. */
export function endText(who: string, { code, signal }: HostExit, runRecord: string): string {
  const how = signal ?? `exit code ${code ?? 'unknown'}`;
  return `${who} ended unexpectedly (${how})${runningText(unfinishedWork(runRecord))}.`;
}

function runningText(works: readonly RecordedWork[]): string {
  if (works.length === 0) return '';
  const named = works
    .slice(0, MAX_NAMED)
    .map(({ kind, functionName, instanceId }) =>
      kind === 'entity' ? `entity '${instanceId}'` : `${kind} '${functionName}' of '${instanceId}'`,
    );
  const more = works.length > MAX_NAMED ? [`${works.length - MAX_NAMED} more`] : [];
  return ` while ${[...named, ...more].join(', ')} ran`;
}
