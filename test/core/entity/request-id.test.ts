import { describe, expect, it } from 'vitest';
import { isStableRequestId, stableRequestId } from '../../../src/core/entity/request-id.ts';

const ORIGIN = {
  cause: '0f8fad5bd9cb469fa16570867728950e',
  index: 3,
  target: '@counter@k',
  operation: 'add',
  input: '5',
};

describe('the id of a request to an entity', () => {
  it('is the same whenever the step is run again', () => {
    expect(stableRequestId({ ...ORIGIN })).toBe(stableRequestId(ORIGIN));
    expect(isStableRequestId(stableRequestId(ORIGIN))).toBe(true);
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
    expect(stableRequestId({ ...ORIGIN, ...change })).not.toBe(stableRequestId(ORIGIN));
  });

  it('is told from ids that others make', () => {
    expect(isStableRequestId('0e6c9d5a-5b5a-4d7c-9a41-1f8f3f0a9d11')).toBe(false);
    expect(isStableRequestId('')).toBe(false);
  });
});
