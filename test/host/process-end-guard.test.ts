import { describe, expect, it } from 'vitest';
import { FunctionRunScope, runInScope } from '../../src/function-app/runs/function-run.ts';
import { guardProcessEnd } from '../../src/host/process-end-guard.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';

/** A process that notes what is done to it, under guard. */
function guardedProcess({ isLoaded = true, isOwn }: { isLoaded?: boolean; isOwn?: boolean } = {}) {
  const done: string[] = [];
  const logged: string[] = [];
  const target = {
    pid: 42,
    exit: (code?: number | string | null) => {
      done.push(`exit ${code}`);
      return undefined as never;
    },
    abort: () => {
      done.push('abort');
      return undefined as never;
    },
    kill: (pid: number, signal?: string | number) => {
      done.push(`kill ${pid} ${signal}`);
      return true as const;
    },
  };
  const release = guardProcessEnd({
    log: { write: ({ message }: LogRecord) => logged.push(message) },
    isLoaded: () => isLoaded,
    target,
    ...(isOwn === undefined ? {} : { isOwn: () => isOwn }),
  });
  return { target, done, logged, release };
}

describe('a call that would end the process', () => {
  it('fails the run that made it, even when the function catches it', async () => {
    const { target, done } = guardedProcess();
    const scope = new FunctionRunScope('Crunch', 'id-1');

    const run = runInScope(scope, () =>
      scope.guard(async () => {
        expect(() => target.exit(3)).toThrow();
        await new Promise(() => undefined);
      }),
    );

    await expect(run).rejects.toThrow("Function 'Crunch' (Id: 'id-1') called process.exit(3)");
    expect(done).toEqual([]);
  });

  it('is no way to refuse to be loaded, but an error that is shown', () => {
    const { target, done } = guardedProcess({ isLoaded: false });

    expect(() => target.exit(1)).toThrow('The app called process.exit(1) while it was loaded');
    expect(done).toEqual([]);
  });

  it('is obeyed and told when it belongs to no run, as in a handler of signals', () => {
    const { target, done, logged } = guardedProcess();

    target.exit(0);
    target.kill(42, 'SIGTERM');

    expect(done).toEqual(['exit 0', 'kill 42 SIGTERM']);
    expect(logged[0]).toMatch(/The app called process.exit\(0\) outside of a function.*guard.test/);
    expect(logged[1]).toContain("process.kill(process.pid, 'SIGTERM')");
  });

  it("is let through in silence when it is the host's own", () => {
    const { target, done, logged } = guardedProcess({ isOwn: true });
    const scope = new FunctionRunScope('Crunch', 'id-1');

    runInScope(scope, () => target.exit(0));

    expect([done, logged]).toEqual([['exit 0'], []]);
  });

  it('is none when it goes to another process, or only asks', () => {
    const { target, done } = guardedProcess();
    const scope = new FunctionRunScope('Crunch', 'id-1');

    runInScope(scope, () => [target.kill(7, 'SIGKILL'), target.kill(42, 0)]);

    expect(done).toEqual(['kill 7 SIGKILL', 'kill 42 0']);
  });

  it('is as it was when the guard is gone', () => {
    const { target, done, release } = guardedProcess();

    release();
    runInScope(new FunctionRunScope('Crunch', 'id-1'), () => target.exit(1));

    expect(done).toEqual(['exit 1']);
  });
});
