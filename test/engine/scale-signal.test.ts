import { describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../src/core/errors.ts';
import { ScaleSignal } from '../../src/engine/scale-signal.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { id, start } from '../contract/sample-messages.ts';

const RULE = {
  capacity: { activities: 10, orchestrations: 10, processes: 1 },
  lateAfterMs: 10_000,
  coolDownMs: 300_000,
  minWorkers: 0,
  maxWorkers: 10,
};

function createSignal() {
  const hub = createMemoryBackend();
  const state = { reads: 0, isAway: false, nowMs: Date.parse('2026-01-31T10:00:00Z') };
  const readBacklog = async () => {
    state.reads += 1;
    if (state.isAway) throw new BackendUnavailableError('Storage is away.');
    return await hub.readBacklog();
  };
  const now = () => state.nowMs;
  const signal = new ScaleSignal({ backend: { readBacklog }, taskHub: 'Orders', rule: RULE, now });
  return { signal, hub, state };
}

describe('the scale signal', () => {
  it('reads storage once in five seconds, however many ask', async () => {
    const { signal, hub, state } = createSignal();
    const reports = await Promise.all([signal.report(), signal.report(), signal.report()]);
    expect(reports.map(({ wantedWorkers }) => wantedWorkers)).toEqual([0, 0, 0]);
    await hub.createInstance(start(id('order-1')), undefined);
    state.nowMs += 4_999;
    await signal.report();
    expect(state.reads).toBe(1);

    state.nowMs += 1;
    expect(await signal.report()).toMatchObject({ taskHub: 'Orders', wantedWorkers: 1 });
    expect(state.reads).toBe(2);
  });

  it('asks again after a failure', async () => {
    const { signal, state } = createSignal();
    state.isAway = true;
    await expect(signal.report()).rejects.toThrow('Storage is away.');
    state.isAway = false;
    expect(await signal.report()).toMatchObject({ wantedWorkers: 0 });
    expect(state.reads).toBe(2);
  });
});
