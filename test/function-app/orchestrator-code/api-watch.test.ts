/** The watch on the process's own functions: what it is outside of orchestrators, and what is left when it is gone. */
import * as cryptoModule from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  installApiWatch,
  unwatched,
  watchApis,
} from '../../../src/function-app/orchestrator-code/api-watch.ts';

const originals = {
  Date,
  now: Date.now,
  random: Math.random,
  setTimeout: globalThis.setTimeout,
  randomUUID: cryptoModule.randomUUID,
  performanceNow: Reflect.get(performance, 'now') as unknown,
  hrtime: process.hrtime,
  bigint: Reflect.get(process.hrtime, 'bigint') as unknown,
};
const releases: (() => void)[] = [];

function install(): () => void {
  const release = installApiWatch();
  releases.push(release);
  return release;
}

function calledIn(work: () => unknown): readonly string[] {
  const names: string[] = [];
  watchApis(({ name }) => names.push(name), work);
  return names;
}

afterEach(() => {
  vi.useRealTimers();
  for (const release of releases.splice(0)) release();
});

describe('the API watch', () => {
  it('notices named imports, and functions taken out of their modules', () => {
    install();
    const { randomBytes } = createRequire(import.meta.url)('crypto') as typeof cryptoModule;

    expect(calledIn(() => [cryptoModule.randomUUID(), randomBytes(2)])).toEqual([
      'crypto.randomUUID()',
      'crypto.randomBytes()',
    ]);
  });

  it('puts everything back when its last user is gone', () => {
    const [first, second] = [install(), install()];
    second();
    expect(Date.now).not.toBe(originals.now);
    first();
    first();

    expect({
      Date,
      now: Date.now,
      random: Math.random,
      setTimeout: globalThis.setTimeout,
      randomUUID: cryptoModule.randomUUID,
      performanceNow: Reflect.get(performance, 'now'),
      hrtime: process.hrtime,
      bigint: Reflect.get(process.hrtime, 'bigint'),
    }).toEqual(originals);
  });

  it('leaves Date as it is outside of runs, and after a run that throws', () => {
    install();
    const failing = (): never => {
      throw new Error('failed');
    };

    expect(() => {
      watchApis(() => undefined, failing);
    }).toThrow('failed');
    expect(Date).toBe(originals.Date);
    expect(new Date().constructor).toBe(originals.Date);
  });

  it('makes real dates of a Date that is being watched, and of classes that extend it', () => {
    install();
    watchApis(
      () => undefined,
      () => {
        class Day extends Date {}
        expect(new Date()).toBeInstanceOf(Date);
        expect(new Date()).toBeInstanceOf(originals.Date);
        expect(new originals.Date()).toBeInstanceOf(Date);
        expect(new Day(0)).toBeInstanceOf(Day);
        expect(new Date().constructor).toBe(Date);
        expect(Date()).toMatch(/GMT/);
      },
    );
  });

  it('keeps what hangs on the functions: promisify finds its way', async () => {
    install();

    expect(await promisify(setTimeout)(1, 'later')).toBe('later');
    expect(setTimeout.name).toBe('setTimeout');
  });

  it('lets fake timers come and go, whoever comes first', () => {
    const release = install();
    const ours = globalThis.setTimeout;
    vi.useFakeTimers({ now: 1000 });
    expect(calledIn(() => new Date())).toEqual(['new Date()']);
    expect(Date.now()).toBe(1000);
    vi.useRealTimers();
    expect(globalThis.setTimeout).toBe(ours);

    vi.useFakeTimers();
    release();
    expect(vi.isFakeTimers()).toBe(true);
    vi.useRealTimers();
    expect(Date.now()).toBeGreaterThan(1000);
  });

  it('looks away from what is no orchestrator code', () => {
    install();

    expect(calledIn(() => [unwatched(() => Date.now()), Math.random()])).toEqual(['Math.random()']);
  });
});
