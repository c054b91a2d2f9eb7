import { Script } from 'node:vm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseConstraint } from '../../src/triggers/route-constraint.ts';
import { matchRoute } from '../../src/triggers/route-match.ts';
import { parseRouteTemplate } from '../../src/triggers/route-template.ts';
import { SlowPatternError, TimedPattern } from '../../src/triggers/timed-pattern.ts';

const ENDLESS = `${'a'.repeat(40)}!`;

function constraint(reference: string) {
  const parsed = parseConstraint(reference);
  return typeof parsed === 'string' ? expect.unreachable(parsed) : parsed;
}

describe('a regular expression in a route', () => {
  it('accepts what fits, ignoring case', () => {
    const { accepts } = constraint('regex(^[a-z]{2}\\d+$)');

    expect(['AB1', 'ab12', 'a1', 'ab'].map(accepts)).toEqual([true, true, false, false]);
  });

  it('is given up when it would not end', () => {
    const template = parseRouteTemplate('api/{id:regex(^(a+)+$)}');

    const began = performance.now();
    expect(() => matchRoute(template, `/api/${ENDLESS}`)).toThrow(SlowPatternError);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(matchRoute(template, '/api/aaa')).toEqual({ id: 'aaa' });
  });

  it('has less time while such texts come, and its time again when they end', () => {
    let nowMs = 0;
    const pattern = new TimedPattern(/^(a+)+$/, () => nowMs);
    const limit = (): string => {
      try {
        return String(pattern.test(ENDLESS));
      } catch (error) {
        return /more than (\d+) ms/.exec(String(error))?.[1] ?? String(error);
      }
    };

    expect([limit(), limit()]).toEqual(['100', '5']);
    nowMs = 1_001;
    expect(limit()).toBe('100');
  });

  it('is tried again when the machine left no time for it', () => {
    const pattern = new TimedPattern(/^(a+)+$/, undefined, () => 0);
    const tries = vi.spyOn(Script.prototype, 'runInContext');
    onTestFinished(() => {
      tries.mockRestore();
    });

    expect(() => pattern.test(ENDLESS)).toThrow(SlowPatternError);
    expect(tries).toHaveBeenCalledTimes(10);
  });
});
