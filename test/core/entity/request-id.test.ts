import { describe, expect, it } from 'vitest';
import { isStepId, requestIdAt, stepIdOf } from '../../../src/core/entity/request-id.ts';

const ORIGIN = {
  cause: '0f8fad5bd9cb469fa16570867728950e',
  index: 3,
  target: '@counter@k',
  operation: 'add',
  input: '5',
};

describe('the id of a request to an entity', () => {
  it.each([
    ['2026-11-29T00:47:45.6746790Z', 0, 'ddb1e808-0e83-5c36-a1fa-f2b8114eb8c3'],
    ['2026-11-29T00:47:45.674679Z', 1, '29f9975d-cc26-5aff-9256-f77d308ed127'],
    ['2026-11-29T00:47:46.1077311Z', 2, 'b87d5867-fecb-5ed2-85ed-fb3848cf83d8'],
  ])('is the one that the .NET extension makes at %s (%i)', (clock, count, id) => {
    expect(requestIdAt('entityorch-1', clock, count)).toBe(id);
    expect(isStepId(id)).toBe(false);
  });
});

describe('the step id of a request to an entity', () => {
  it('is the same whenever the step is run again', () => {
    expect(stepIdOf({ ...ORIGIN })).toBe(stepIdOf(ORIGIN));
    expect(isStepId(stepIdOf(ORIGIN))).toBe(true);
  });

  it.each([
    { cause: '1f8fad5bd9cb469fa16570867728950e' },
    { index: 4 },
    { target: '@counter@K' },
    { operation: 'Add' },
    { input: '6' },
    { input: null },
    { input: `5${' '.repeat(20_000)}` },
  ])('is another one for %o', (change) => {
    expect(stepIdOf({ ...ORIGIN, ...change })).not.toBe(stepIdOf(ORIGIN));
  });

  it('is told from ids that others make', () => {
    expect(isStepId('0e6c9d5a-5b5a-4d7c-9a41-1f8f3f0a9d11')).toBe(false);
    expect(isStepId('')).toBe(false);
  });
});
