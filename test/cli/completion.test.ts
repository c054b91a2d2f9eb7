import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { func } from '../support/func-command.ts';

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<readonly string[]> {
  const { out } = await func('completion', 'bash');
  const line = words.map((word) => `'${word}'`).join(' ');
  const script = `${out}\nCOMP_WORDS=(${line})\nCOMP_CWORD=${words.length - 1}\n_func_completion\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describe('func completion', () => {
  it('completes commands in bash', async () => {
    expect(await offered('func', 'du')).toEqual(['durable']);
    expect(await offered('func', 'durable', 'get-')).toEqual([
      'get-runtime-status',
      'get-history',
      'get-instances',
    ]);
  });

  it('completes the commands for apps in bash', async () => {
    expect(await offered('func', 'settings', '')).toEqual(
      expect.arrayContaining(['list', 'add', 'delete']),
    );
    expect(await offered('func', 'new', '--te')).toEqual(['--template']);
    expect(await offered('func', 'init', '--lan')).toEqual(['--language']);
  });

  it('completes options of the command in bash', async () => {
    expect(await offered('func', 'durable', 'terminate', '--re')).toEqual([
      '--reason',
      '--recursive',
    ]);
    expect(await offered('func', 'start', '--port', '1', '--ver')).toEqual(['--verbose']);
  });

  it.each(['zsh', 'fish'])('has a script for %s', async (shell) => {
    const { code, out } = await func('completion', shell);

    expect(code).toBe(0);
    expect(out).toContain('purge-history');
    expect(out).toContain('task-hub-name');
  });

  it('names the shells that it knows', async () => {
    const { code, err } = await func('completion', 'tcsh');

    expect(code).toBe(1);
    expect(err).toContain('bash, zsh, fish');
  });
});
