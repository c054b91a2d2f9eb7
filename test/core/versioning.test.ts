import { describe, expect, it } from 'vitest';
import { compareVersions, versionMismatch } from '../../src/core/versioning.ts';

describe('versions', () => {
  it.each([
    ['1.0', '2.0', -1],
    ['2', '2.0.0', 0],
    ['1.10', '1.9', 1],
    ['', '1.0', -1],
    ['', '', 0],
    ['1.0-a', '1.0-b', -1],
  ])('%j against %j is %d', (a, b, order) => {
    expect(Math.sign(compareVersions(a, b))).toBe(order);
  });
});

describe('an instance', () => {
  const app = (match: 'None' | 'Strict' | 'CurrentOrOlder') =>
    ({ appVersion: '2.0', match, failure: 'Fail' }) as const;

  it('of this version or an older one matches CurrentOrOlder, a newer one does not', () => {
    expect(versionMismatch('2.0', app('CurrentOrOlder'))).toBeUndefined();
    expect(versionMismatch(null, app('CurrentOrOlder'))).toBeUndefined();
    expect(versionMismatch('3.0', app('CurrentOrOlder'))).toContain("'3.0'");
  });

  it('of another version does not match Strict', () => {
    expect(versionMismatch('1.0', app('Strict'))).toContain('Strict');
    expect(versionMismatch('2.0', app('Strict'))).toBeUndefined();
  });

  it('matches whatever its version when the app has none, or does not look', () => {
    expect(versionMismatch('9.0', undefined)).toBeUndefined();
    expect(versionMismatch('9.0', app('None'))).toBeUndefined();
  });
});
