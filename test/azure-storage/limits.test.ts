import { expect, it } from 'vitest';
import { AZURE_STORAGE_LIMITS as limits } from '../../src/azure-storage/limits.ts';

it.each([
  'a'.repeat(512),
  '/'.repeat(256),
  '^'.repeat(256),
  '\u0001'.repeat(256),
  'ก'.repeat(512),
  '...',
  '@counter@.',
])('Azure Storage can hold an instance with the id %s', (id) => {
  expect(limits.idProblem(id)).toBeUndefined();
});

it.each([
  ['a'.repeat(513), 'must not exceed 512 characters'],
  ['/'.repeat(257), 'must not exceed 512 characters'],
  [`${'^'.repeat(256)}a`, 'must not exceed 512 characters'],
  ['x\ud800y', 'must not contain half of a surrogate pair'],
  ['.', "must not be '.' or '..'"],
  ['..', "must not be '.' or '..'"],
])('and none with the id %s', (id, problem) => {
  expect(limits.idProblem(id)).toBe(problem);
});
