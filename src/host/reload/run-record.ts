/**
 * Which functions run, in a file: when the process ends, what was in its memory is gone, and the file says at what it was. Whoever
 * comes after it so knows how often the process has ended while something ran. Written without waiting, as the next thing that
 * happens may be the end: a few microseconds a run. Ends need no such haste. They go with the next beginning, or at the end of the
 * turn: whoever is to blame for what happens until then has begun and not ended.
 *
 * One JSON value a line: `["ends", key, count]` what is known of earlier processes, `["begin", id, key, work]`, `["end", id]`.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

export interface RecordedWork {
  readonly kind: 'activity' | 'orchestrator' | 'entity';
  readonly functionName: string;
  readonly instanceId: string;
}

interface Entry {
  readonly key: string;
  readonly work: RecordedWork;
}

/** Longer files are written anew, with what still counts. */
const MAX_BYTES = 256 * 1024;

export class RunRecord {
  readonly #file: number;
  readonly #onFailure: (error: unknown) => void;
  #isClosed = false;
  /** By key: how often the process ended while it ran, and it has not run to its end since. */
  readonly #ends: Map<string, number>;
  readonly #running = new Map<number, Entry>();
  #lastId = 0;
  /** Lines that are not written yet. */
  #unwritten = '';
  #bytes = 0;

  /**
   * Goes on with what the process left behind that had the file before; what ran in it then counts as one end more.
   * @param onFailure told once, when the file cannot be written any more: then nothing is recorded, and all goes on.
   * @throws when it cannot be written at all.
   */
  constructor(path: string, onFailure: (error: unknown) => void) {
    const { ends, running } = parse(readIfThere(path));
    for (const { key } of running) ends.set(key, (ends.get(key) ?? 0) + 1);
    this.#ends = ends;
    this.#onFailure = onFailure;
    this.#file = openSync(path, 'w', 0o600);
    this.#rewrite();
  }

  /** How often the process ended while the work of this key ran. */
  ends(key: string): number {
    return this.#ends.get(key) ?? 0;
  }

  /** The work begins. @returns is called when it has run to its end, however that was: then all ends are forgotten. */
  begin(key: string, work: RecordedWork): () => void {
    const id = ++this.#lastId;
    this.#running.set(id, { key, work });
    this.#write(['begin', id, key, work]);
    return () => {
      this.#running.delete(id);
      this.#ends.delete(key);
      if (this.#unwritten === '')
        setImmediate(() => {
          this.#flush();
        });
      this.#unwritten += lineOf(['end', id]);
    };
  }

  /** As if the process had ended so often while the work ran. */
  setEnds(key: string, count: number): void {
    if (count === 0) this.#ends.delete(key);
    else this.#ends.set(key, count);
    this.#write(['ends', key, count]);
  }

  /** What ends later is not recorded any more. */
  close(): void {
    this.#flush();
    this.#isClosed = true;
    closeSync(this.#file);
  }

  #write(value: readonly unknown[]): void {
    this.#unwritten += lineOf(value);
    this.#flush();
  }

  #flush(): void {
    const lines = this.#unwritten;
    this.#unwritten = '';
    if (this.#isClosed || lines === '') return;
    try {
      this.#bytes += writeSync(this.#file, lines, this.#bytes);
      if (this.#bytes > MAX_BYTES) this.#rewrite();
    } catch (error) {
      this.#isClosed = true;
      this.#onFailure(error);
    }
  }

  #rewrite(): void {
    const lines = [
      ...[...this.#ends].map((end) => ['ends', ...end]),
      ...[...this.#running].map(([id, { key, work }]) => ['begin', id, key, work]),
    ].map(lineOf);
    ftruncateSync(this.#file, 0);
    this.#bytes = writeSync(this.#file, lines.join(''), 0);
  }
}

function lineOf(value: readonly unknown[]): string {
  return `${JSON.stringify(value)}\n`;
}

/** What ran when the process ended that wrote the file; empty when there is no file. */
export function unfinishedWork(path: string): readonly RecordedWork[] {
  return parse(readIfThere(path)).running.map(({ work }) => work);
}

/** An end that was wanted counts for nobody. */
export function forgetRuns(path: string): void {
  rmSync(path, { force: true });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

type Line =
  | readonly ['ends', string, number]
  | readonly ['begin', number, string, RecordedWork]
  | readonly ['end', number];

function parse(text: string): {
  readonly ends: Map<string, number>;
  readonly running: readonly Entry[];
} {
  const ends = new Map<string, number>();
  const running = new Map<number, Entry>();
  // What follows the last line break was being written when the process ended.
  for (const line of text.split('\n').slice(0, -1)) {
    const value = parseLine(line);
    switch (value?.[0]) {
      case undefined:
        break;
      case 'ends':
        if (value[2] === 0) ends.delete(value[1]);
        else ends.set(value[1], value[2]);
        break;
      case 'begin':
        running.set(value[1], { key: value[2], work: value[3] });
        break;
      case 'end': {
        const entry = running.get(value[1]);
        if (entry) ends.delete(entry.key);
        running.delete(value[1]);
        break;
      }
    }
  }
  return { ends, running: [...running.values()] };
}

/** undefined for what a machine that lost its power has left. */
function parseLine(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
