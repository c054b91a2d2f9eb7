import { describe, expect, it } from 'vitest';
import { fnv1a, partitionOf } from '../../src/core/partition-of.ts';

describe('the control queue of an instance', () => {
  it.each([
    ['', 2166136261, 1, 5],
    ['abc', 440920331, 3, 11],
    ['hello', 1335831723, 3, 11],
    ['order-1', 729795949, 1, 13],
    ['@counter@myKey', 1776272992, 0, 0],
    ['Ångström/1', 3381857231, 3, 15],
  ])('of %j is found by the hash of the .NET engine', (instanceId, hash, of4, of16) => {
    expect(fnv1a(instanceId)).toBe(hash);
    expect([partitionOf(instanceId, 4), partitionOf(instanceId, 16)]).toEqual([of4, of16]);
  });
});
