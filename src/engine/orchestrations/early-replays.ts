/**
 * Which executions are replayed while their history is short. A replay of a few events finds out whether the code of an orchestrator
 * does the same each time, and costs as much as all the rest of a short orchestration. What one execution does, the others of its
 * function do, too: it is enough to look at the first ones, and at some of those that follow.
 */
const FIRST_ONES = 16;
const ONE_IN = 16;

export class EarlyReplays {
  readonly #executions = new Map<string, number>();

  /** Whether the execution that begins now is one of those. @param functionName of an orchestrator that the app has. */
  choose(functionName: string): boolean {
    const name = functionName.toLowerCase();
    const count = this.#executions.get(name) ?? 0;
    this.#executions.set(name, count + 1);
    return count < FIRST_ONES || count % ONE_IN === 0;
  }
}
