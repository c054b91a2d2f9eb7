/** Entities of the probe app, as HTTP and orchestrations see them. */
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import type { Probe } from './probe.ts';

const PATIENCE = { timeoutMs: 40_000, intervalMs: 50 };

/** Entity, key, operation, input. */
export type Call = readonly [string, string, string, unknown?];

/** @throws {Error} unless the answer is 202. */
export async function signal(probe: Probe, target: string, input?: unknown): Promise<void> {
  const answer = await probe.http('POST', `entities/${target}`, input);
  if (answer.status !== 202) throw new Error(`${target}: ${answer.status} ${await answer.text()}`);
}

export function read(probe: Probe, target: string): Promise<Response> {
  return probe.http('GET', `entities/${target}`);
}

/** Waits until the state of an entity is this one. */
export async function reads(probe: Probe, target: string, state: unknown): Promise<void> {
  await eventually(async () => {
    const answer = await read(probe, target);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(state);
    return true;
  }, PATIENCE);
}

/** Waits until an entity does not exist. */
export async function readsNothing(probe: Probe, target: string): Promise<void> {
  await eventually(async () => (await read(probe, target)).status === 404, PATIENCE);
}

/** The results of calls that one orchestration makes in turn. */
export async function calls(probe: Probe, ...list: readonly Call[]): Promise<unknown> {
  return (await probe.run('P_EntityCalls', list)).output;
}
