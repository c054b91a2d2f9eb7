import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { func, runCommand } from '../support/func-command.ts';

describe('func', () => {
  it.each(['strat', 'STRAT'])('names the nearest command for %s, and fails', async (name) => {
    expect(await func(name)).toMatchObject({
      code: 1,
      out: '',
      err: "unknown command 'strat' (Did you mean start?)",
    });
  });

  it('names the nearest option for one that does not exist, and fails', async () => {
    expect(await func('start', '--prot', '8080')).toMatchObject({
      code: 1,
      out: '',
      err: "unknown option '--prot' (Did you mean --port?)",
    });
  });

  it('writes no control characters to a terminal', async () => {
    const run = await runCommand(['\u001b]0;title\u0007\u001b[2J'], { cwd: tmpdir() });

    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toBe("unknown command '\\u001b]0;title\\u0007\\u001b[2j'\n");
  });

  it('says what to do instead of an option that only Core Tools has', async () => {
    const { code, err } = await func('start', '--useHttps');

    expect(code).toBe(1);
    expect(err).toBe(
      'The option --useHttps is not supported: put a reverse proxy with a certificate in front of the host.',
    );
  });

  it('says what to do instead of a command that it does not have yet', async () => {
    const { code, err } = await func('kubernetes', 'deploy');

    expect(code).toBe(1);
    expect(err).toBe(
      "The command 'kubernetes' is not supported: use kubectl apply, see docs/kubernetes.md.",
    );
  });

  it('refuses a port that is none', async () => {
    const { code, err } = await func('start', '--port', '70000');

    expect(code).toBe(1);
    expect(err).toContain("'70000'");
    expect(err).toContain('65535');
  });

  it('refuses a kind of storage that does not exist', async () => {
    const { code, err } = await func('start', '--storage', 'paper');

    expect(code).toBe(1);
    expect(err).toContain('azure, local, memory');
  });

  it.each([['--version'], ['-v'], ['version'], ['VERSION']])(
    'prints the version for %s',
    async (arg) => {
      const { code, out } = await func(arg);

      expect(code).toBe(0);
      expect(out).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  it.each([
    [[]],
    [['--help']],
    [['help']],
    [['start', '--help']],
    [['host', 'start', '--help']],
    [['durable']],
    [['settings']],
    [['init', '--help']],
    [['new', '-?']],
    [['help', 'durable', 'start-new']],
  ])('prints help for %j', async (args) => {
    const { code, out, err } = await func(...args);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Usage: func');
  });

  it('fails with one line in a folder without an app', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'empty-'));

    const { code, err } = await func('start', '--no-reload', '--script-root', folder);
    await rm(folder, { recursive: true });

    expect(code).toBe(1);
    expect(err).toMatch(/^There is no function app in .*func init\.$/);
  });

  it('fails with one line when the folder of the app does not exist', async () => {
    const { code, err } = await func('start', '--no-reload', '--script-root', '/no/such/app');

    expect(code).toBe(1);
    expect(err).toContain('/no/such/app');
    expect(err.split('\n')).toHaveLength(1);
  });
});
