import { expect, it } from 'vitest';
import { failureMessage, failureSignature } from '../../src/core/failure-signature.ts';

it.each([
  ['Card of order 1001 was declined', 'Card of order # was declined'],
  ['No blob 3f2504e0-4f89-11d3-9a0c-0305e82c3301 at 2026-01-02T03:04:05.6Z', 'No blob # at #'],
  ['Commit deadbeef01 is gone', 'Commit # is gone'],
  ['A decade of facades', 'A decade of facades'],
  ['v1.22.333 in line 4\nin file 5', 'v# in line #'],
  ['', ''],
])('the signature of %j is %j', (failure, signature) => {
  expect(failureSignature(failure)).toBe(signature);
});

it('the message is what stands before stacks and JSON', () => {
  const failure = 'Activity failed: no\n    at charge (/app/charge.js:1:2)\n {"$type":"X"}';

  expect(failureMessage(failure)).toBe('Activity failed: no');
});
