import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { AppSession } from '../../src/function-app/loading/app-session.ts';
import {
  type CoreApi,
  installFunctionsCore,
} from '../../src/function-app/loading/functions-core.ts';
import { Hooks } from '../../src/function-app/hooks.ts';
import { UserLog } from '../../src/function-app/runs/user-log.ts';
import { silentLogger } from '../../src/telemetry/log.ts';

const requireHere = createRequire(import.meta.url);

function newSession(): AppSession {
  const hooks = new Hooks();
  return new AppSession(hooks, new UserLog(silentLogger, hooks));
}

function core(): CoreApi {
  return requireHere('@azure/functions-core') as CoreApi;
}

describe('the stand-in for @azure/functions-core', () => {
  it('is a plain object with the members of the worker', () => {
    const uninstall = installFunctionsCore(newSession());

    expect(Object.keys(core()).sort()).toEqual([
      'Disposable',
      'getProgrammingModel',
      'hostVersion',
      'log',
      'registerFunction',
      'registerHook',
      'setProgrammingModel',
      'version',
    ]);
    expect(Object.isFrozen(core())).toBe(false);
    uninstall();
  });

  it('is there only while an app is installed', () => {
    const uninstall = installFunctionsCore(newSession());
    expect(core()).toBeTypeOf('object');

    uninstall();

    expect(() => core()).toThrow(/Cannot find module/);
  });

  it('stays the same object and answers for the app installed last', () => {
    const [first, second] = [newSession(), newSession()];
    const uninstallFirst = installFunctionsCore(first);
    const api = core();
    const uninstallSecond = installFunctionsCore(second);

    core().registerFunction({ name: 'A', bindings: {} }, () => 1);
    uninstallSecond();
    core().registerFunction({ name: 'B', bindings: {} }, () => 1);

    expect(core()).toBe(api);
    expect([...first.registrations.keys()]).toEqual(['B']);
    expect([...second.registrations.keys()]).toEqual(['A']);
    uninstallFirst();
  });

  it('takes a registration back when it is disposed', () => {
    const session = newSession();
    const uninstall = installFunctionsCore(session);

    const registration = core().registerFunction({ name: 'A', bindings: {} }, () => 1);
    registration.dispose();

    expect(session.registrations.size).toBe(0);
    uninstall();
  });

  it.each([
    ['a direction', { name: 'X', bindings: { a: { direction: 'IN' } } }, /Unrecognized value "IN"/],
    ['a second function of one id', { name: 'A', bindings: {} }, /already been registered/],
  ])('refuses %s', (_what, metadata, message) => {
    const uninstall = installFunctionsCore(newSession());
    core().registerFunction({ name: 'A', bindings: {} }, () => 1);

    expect(() => core().registerFunction(metadata, () => 1)).toThrow(message);
    uninstall();
  });

  it('refuses an unknown hook in the way that libraries recognise', () => {
    const uninstall = installFunctionsCore(newSession());

    expect(() => core().registerHook('noHook', () => 1)).toThrow(
      expect.objectContaining({ name: 'RangeError', isAzureFunctionsSystemError: true }),
    );
    uninstall();
  });
});
