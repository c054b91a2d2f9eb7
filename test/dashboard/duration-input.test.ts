import { expect, it } from 'vitest';
import { parseDuration } from '../../src/dashboard/instances/duration-input.ts';

it.each([
  ['90', 90],
  [' 1.5 min ', 90],
  ['2H', 7_200],
  ['250ms', 0.25],
  ['1d', 86_400],
  ['', undefined],
  ['-5 s', undefined],
  ['5 weeks', undefined],
  ['constructor', undefined],
])('takes %j for %s seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});
