/** The limit of runs: whichever takes too long fails, and one timer serves all. */
import { createHook } from 'node:async_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { FunctionRunScope } from '../../src/function-app/runs/function-run.ts';
import { FunctionTimeoutError, TimeLimit } from '../../src/function-app/runs/time-limit.ts';

const messages: string[] = [];
const log = { write: ({ message }: { message: string }) => void messages.push(message) };
const forever = () => new Promise<never>(() => undefined);

afterEach(() => {
  messages.length = 0;
});

function run<Value>(limit: TimeLimit, name: string, work: () => Promise<Value>): Promise<Value> {
  return limit.guard(new FunctionRunScope(name, `id of ${name}`), work);
}

describe('a time limit', () => {
  it('fails each run that exceeds it, and says so', async () => {
    const limit = new TimeLimit(30, log);

    const first = run(limit, 'First', forever);
    const quick = run(limit, 'Quick', () => Promise.resolve('in time'));
    const second = run(limit, 'Second', forever);

    await expect(quick).resolves.toBe('in time');
    await expect(first).rejects.toThrow(FunctionTimeoutError);
    await expect(second).rejects.toThrow('exceeded by function: Functions.Second');
    expect(messages.map((message) => /First|Quick|Second/.exec(message)?.[0])).toEqual([
      'First',
      'Second',
    ]);
  });

  it('holds for a run that begins after others have ended', async () => {
    const limit = new TimeLimit(40, log);
    await run(limit, 'Before', () => new Promise((resolve) => setTimeout(resolve, 20)));

    await expect(run(limit, 'After', forever)).rejects.toThrow('Functions.After');
    await expect(run(limit, 'Last', forever)).rejects.toThrow('Functions.Last');
  });

  it('ends as the run does when that fails by itself', async () => {
    const limit = new TimeLimit(20, log);

    await expect(run(limit, 'Fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no');

    // By the time this one is over, so would be that.
    await expect(run(limit, 'After', forever)).rejects.toThrow('Functions.After');
    expect(messages).toHaveLength(1);
  });

  it.each([undefined, 2 ** 31])('of %s ms is none', async (ms) => {
    const limit = new TimeLimit(ms, log);

    await expect(run(limit, 'Free', () => Promise.resolve(1))).resolves.toBe(1);
  });

  it('sets one timer for all runs', async () => {
    const limit = new TimeLimit(60_000, log);
    let timers = 0;
    const hook = createHook({
      init: (_, type) => {
        if (type === 'Timeout') timers++;
      },
    }).enable();

    for (let n = 0; n < 50; n++) await run(limit, 'Many', () => Promise.resolve());

    hook.disable();
    expect(timers).toBe(1);
  });

  it('keeps the process alive for a run that nothing else does, and no longer', async () => {
    const limit = new TimeLimit(60_000, log);
    let end: () => void = () => undefined;
    const timers: NodeJS.Timeout[] = [];
    const hook = createHook({
      init: (_, type, _trigger, resource) => {
        if (type === 'Timeout') timers.push(resource as NodeJS.Timeout);
      },
    }).enable();
    const first = run(limit, 'First', () => new Promise<void>((resolve) => (end = resolve)));
    hook.disable();
    const keeping = () => timers.map((timer) => timer.hasRef());

    expect(keeping()).toEqual([true]);
    end();
    await first;
    expect(keeping()).toEqual([false]);
    const second = run(limit, 'Second', () => new Promise<void>((resolve) => (end = resolve)));
    expect(keeping()).toEqual([true]);
    end();
    await second;
  });
});
