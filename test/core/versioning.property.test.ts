/** Versions are in an order: without it, whether an instance is older than the app would depend on which one is asked first. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, versionMismatch } from '../../src/core/versioning.ts';

const part = fc.oneof(fc.nat(20).map(String), fc.constantFrom('a', 'B', 'rc', ''));
const version = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.'));

describe('the order of versions', () => {
  it('is the other way round from the other side', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      }),
    );
  });

  it('has each number before the next, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 3 }), fc.nat(30), (before, n) => {
        const older = [...before, n].join('.');
        const newer = [...before, n + 1].join('.');
        expect(compareVersions(older, newer)).toBeLessThan(0);
      }),
    );
  });

  it.each([
    ['1.0', '1.0.0.0'],
    ['1.0-A', '1.0-a'],
    ['01', '1'],
  ])('has %j and %j in the same place', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
  });
});

describe('an app', () => {
  it('takes an instance of its own version whatever it takes else', () => {
    fc.assert(
      fc.property(version, fc.constantFrom('None', 'Strict', 'CurrentOrOlder'), (v, match) => {
        const versioning = { appVersion: v, match, failure: 'Reject' } as const;
        expect(versionMismatch(v, versioning)).toBeUndefined();
      }),
    );
  });

  it('takes with CurrentOrOlder all that Strict takes, and just what is not newer besides', () => {
    fc.assert(
      fc.property(version, version, (instance, app) => {
        const taken = (match: 'Strict' | 'CurrentOrOlder') =>
          versionMismatch(instance, { appVersion: app, match, failure: 'Fail' }) === undefined;
        if (taken('Strict')) expect(taken('CurrentOrOlder')).toBe(true);
        expect(taken('CurrentOrOlder')).toBe(compareVersions(instance, app) <= 0);
      }),
    );
  });
});
