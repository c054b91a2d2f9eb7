/**
 * Writes of many callers in one transaction: what is asked for while a transaction is on its way to the disk waits for the next
 * one, so that a hundred commits cost one sync. The answer comes when all of it is on the disk.
 *
 * G1 A write looks first and changes afterwards: its plan may throw, and then only this write fails.
 * G2 What goes wrong while the changes are made, or at the commit, undoes the whole transaction and fails all its writes.
 */
import { ABORT, type RootDatabase } from 'lmdb';

/** Reads what it needs, and may refuse by throwing; the function that it gives back makes the changes. */
export type Plan<Result> = () => () => Result;

/** Told of transactions, by number: for those who count, and for tests that let them fail. */
export interface TransactionListener {
  /** All changes are made, and nothing is stored yet. What this throws undoes the transaction. */
  readonly committing?: (transaction: number) => void;
  /** All is on the disk, and nobody was told yet. */
  readonly committed?: (transaction: number) => void;
}

interface WaitingWrite {
  readonly plan: Plan<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The reason of a failed commit comes a moment later than the failure. */
const REASON_PATIENCE_MS = 1_000;

export class GroupCommit {
  readonly #root: RootDatabase<string>;
  readonly #listener: TransactionListener;
  #waiting: WaitingWrite[] = [];
  #working: Promise<void> | undefined;
  #transactions = 0;

  constructor(root: RootDatabase<string>, listener: TransactionListener = {}) {
    this.#root = root;
    this.#listener = listener;
  }

  /**
   * Resolves when the changes are on the disk, in the order of the calls.
   * @throws what the plan throws, or what kept the transaction from the disk.
   */
  write<Result>(plan: Plan<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ plan, resolve: resolve as WaitingWrite['resolve'], reject });
      this.#working ??= this.#work();
    });
  }

  /** Resolves when no write is under way. Never throws. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    // Those of the same turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const writes = this.#waiting;
      this.#waiting = [];
      for (const tell of await this.#transact(writes)) tell();
    }
    this.#working = undefined;
  }

  /** @returns how each caller is told. */
  async #transact(writes: readonly WaitingWrite[]): Promise<readonly (() => void)[]> {
    const transaction = ++this.#transactions;
    const outcomes: (() => void)[] = [];
    let failure: { readonly error: unknown } | undefined;
    const run = (): unknown => {
      try {
        for (const write of writes) outcomes.push(outcomeOf(write));
        this.#listener.committing?.(transaction);
        return undefined;
      } catch (error) {
        failure = { error };
        return ABORT;
      }
    };
    try {
      // A transaction of its own inside the one of the library: only such a one can be undone.
      await this.#root.childTransaction(run);
      if (failure === undefined) this.#listener.committed?.(transaction);
    } catch (error) {
      failure = { error: await reasonOf(error) };
    }
    const { error } = failure ?? {};
    return failure === undefined
      ? outcomes
      : writes.map(({ reject }) => () => {
          reject(error);
        });
  }
}

/** Makes the changes of one write. @throws what broke while they were made: some of them may be there. */
function outcomeOf({ plan, resolve, reject }: WaitingWrite): () => void {
  let change: () => unknown;
  try {
    change = plan();
  } catch (error) {
    return () => {
      reject(error);
    };
  }
  const result = change();
  return () => {
    resolve(result);
  };
}

/** The library has the reason of a failed commit in a promise beside the error. */
async function reasonOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  const patience = new Promise((resolve) => setTimeout(resolve, REASON_PATIENCE_MS).unref());
  return Promise.race([commitError, patience]).then(
    () => error,
    (reason: unknown) => reason,
  );
}
