/** What the orchestrations of `test/apps/orchestrations/lifecycle.cjs` share with tests: counts, gates, and what is broken. */
interface Shared {
  readonly runs: Map<string, number>;
  readonly broken: Set<string>;
  readonly gates: Map<string, (result: unknown) => void>;
}

export const LIFECYCLE_APP = 'orchestrations/lifecycle.cjs';

/** How often the activity with this key ran. */
export function runsOf(key: string): number {
  return shared().runs.get(key) ?? 0;
}

/** Counts of all activities whose key begins so, in the order of their keys. */
export function runsBelow(prefix: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...shared().runs]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, runs]) => [key.slice(prefix.length), runs] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Makes the orchestrator `Throws` fail for this key, until it is mended. */
export function breakIt(key: string): void {
  shared().broken.add(key);
}

export function mend(key: string): void {
  shared().broken.delete(key);
}

/** Lets the gated activity or entity go on; false while it is not there yet. */
export function openGate(key: string, result: unknown = 'opened'): boolean {
  const open = shared().gates.get(key);
  open?.(result);
  return open !== undefined;
}

function shared(): Shared {
  const holder = globalThis as unknown as Record<symbol, Shared | undefined>;
  return (holder[Symbol.for('lifecycle app')] ??= {
    runs: new Map(),
    broken: new Set(),
    gates: new Map(),
  });
}
