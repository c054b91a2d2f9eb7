import { describe, expect, it } from 'vitest';
import { func } from '../support/func-command.ts';

describe('func durable', () => {
  it('lists its commands', async () => {
    const { code, out } = await func('durable', '--help');

    expect(code).toBe(0);
    expect(out).toContain('commands for working with Durable Functions');
    expect(out).toContain('get-runtime-status');
  });

  it.each([
    [['durable', 'start-now'], "unknown command 'start-now' (Did you mean start-new?)"],
    [['Durable', 'purge-histroy'], "unknown command 'purge-histroy' (Did you mean purge-history?)"],
    [
      ['durable', 'get-history', '--idd', 'x', '--id', 'y'],
      "unknown option '--idd' (Did you mean --id?)",
    ],
    [['durable', 'TERMINATE'], "required option '--id <id>' not specified"],
    [
      ['durable', 'terminate', '--id', 'x', '--reason', 'It', 'was', 'time'],
      "too many arguments for 'terminate'. Expected 0 arguments but got 2.",
    ],
  ])('refuses %j', async (args, reason) => {
    const { code, out, err } = await func(...args);

    expect({ code, out, err }).toEqual({ code: 1, out: '', err: reason });
  });

  it.each([
    ['--top', '0', 'It is a whole number from 1 to 1000000.'],
    ['--top', 'ten', 'It is a whole number from 1 to 1000000.'],
    ['--created-after', 'yesterday', 'It is an ISO 8601 time (UTC), such as'],
    ['--created-before', '2018-02-31', 'It is an ISO 8601 time (UTC), such as'],
    ['--runtime-status', 'complete', "'complete' is no status (Did you mean Completed?)"],
  ])('refuses %s %s', async (option, value, reason) => {
    const { code, err } = await func('durable', 'get-instances', option, value);

    expect(code).toBe(1);
    expect(err).toContain(`'${value}' is invalid`);
    expect(err).toContain(reason);
  });

  it('takes every spelling of an option that Core Tools takes', async () => {
    const folder = ['-script-root', '/no/such/folder'];
    const spellings = [
      ['--id', 'x'],
      ['-id', 'x'],
      ['/id', 'x'],
      ['--id=x'],
      ['-id:x'],
      ['--ID', 'x'],
    ];
    for (const spelling of spellings) {
      const { err } = await func('durable', 'get-history', ...spelling, ...folder);
      expect(err).toMatch(/^\/no\/such\/folder: The script root does not exist/);
    }
  });

  it('takes what follows an option as its value, whatever it looks like', async () => {
    const folder = ['--script-root', '/no/such/folder'];
    const { err } = await func('durable', 'get-history', '--id', '-id', ...folder);

    expect(err).toMatch(/^\/no\/such\/folder/);
  });
});
