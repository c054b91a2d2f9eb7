import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntityInvocation } from '../../src/engine/function-invoker.ts';
import { disposing, type Fixture, loadFixture } from './load-fixture.ts';

function batch(state: string | null, ...names: [string, string?][]): EntityInvocation {
  return {
    entityName: 'counter',
    entityKey: 'k1',
    exists: state !== null,
    state,
    operations: names.map(([name, input], index) => ({
      id: `id-${index}`,
      name,
      input: input ?? null,
      isSignal: false,
    })),
  };
}

describe.each(['v4-commonjs', 'classic-v2', 'classic-v1'])('an entity of %s', (name) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await loadFixture(name);
    return disposing(fixture);
  });
  afterAll(async () => {
    await fixture.app.dispose();
  });

  it('runs a batch over its state', async () => {
    const outcome = await fixture.invoker.runEntity(batch('5', ['add', '3'], ['get'], ['bad']));

    expect(outcome).toMatchObject({
      kind: 'ran',
      exists: true,
      state: '8',
      results: [
        { isError: false, result: null },
        { isError: false, result: '8' },
        { isError: true },
      ],
      signals: [],
    });
  });

  it('comes into being with its first state', async () => {
    const outcome = await fixture.invoker.runEntity(batch(null, ['add', '2']));

    expect(outcome).toMatchObject({ kind: 'ran', exists: true, state: '2' });
  });
});

describe('an entity of durable-functions 3', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await loadFixture('v4-commonjs');
    return disposing(fixture);
  });
  afterAll(async () => {
    await fixture.app.dispose();
  });

  it('is gone after destructOnExit', async () => {
    const outcome = await fixture.invoker.runEntity(batch('5', ['delete']));

    expect(outcome).toMatchObject({ kind: 'ran', exists: false, state: null });
  });

  it('may signal others', async () => {
    const outcome = await fixture.invoker.runEntity(batch('5', ['poke']));

    expect(outcome).toMatchObject({
      signals: [
        { targetName: 'Other', targetKey: 'x', operation: 'ping', input: '{"a":1}' },
        { targetName: 'Other', targetKey: 'y', operation: 'stop', input: null },
      ],
    });
  });

  it('that the app does not have failed', async () => {
    const outcome = await fixture.invoker.runEntity({ ...batch(null), entityName: 'nobody' });

    expect(outcome).toEqual({
      kind: 'failed',
      message: "Entity function 'nobody' does not exist.",
    });
  });
});
