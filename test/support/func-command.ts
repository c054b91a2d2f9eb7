/** `func <command>` of the build as a process of its own, run to its end. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FuncExit } from './func-process.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/func.js', import.meta.url));

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function runCommand(args: readonly string[], options: CommandOptions): Promise<FuncExit> {
  const env = { ...process.env, AzureWebJobsStorage: undefined, NO_COLOR: '1', ...options.env };
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** The words of a command line as a shell takes them apart; double quotes only. */
export function wordsOf(commandLine: string): readonly string[] {
  return [...commandLine.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  );
}
