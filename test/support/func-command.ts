/** `func <command>` run to its end: of the build, as a process of its own; or of the sources, within the process of the test. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Output } from '../../src/cli/output.ts';
import { runProgram } from '../../src/cli/program.ts';
import { endWithTests } from './child-processes.ts';
import type { FuncExit } from './func-process.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/func.js', import.meta.url));

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function runCommand(args: readonly string[], options: CommandOptions): Promise<FuncExit> {
  const env = { ...process.env, AzureWebJobsStorage: undefined, NO_COLOR: '1', ...options.env };
  const child = endWithTests(
    spawn(process.execPath, [PROGRAM, ...args], {
      cwd: options.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
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

const TERMINAL_COLUMNS = 120;

export interface FuncRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The questions that were asked. */
  readonly asked: readonly string[];
}

export function func(...args: string[]): Promise<FuncRun> {
  return funcWith(undefined, ...args);
}

/** At a terminal, where somebody gives this answer to every question. */
export async function funcWith(answer: string | undefined, ...args: string[]): Promise<FuncRun> {
  let out = '';
  const err: string[] = [];
  const asked: string[] = [];
  const output: Output = {
    colors: false,
    columns: answer === undefined ? undefined : TERMINAL_COLUMNS,
    screen: (lines) => {
      out += `${lines.join('\n')}\n`;
    },
    line: (text = '') => {
      out += `${text}\n`;
    },
    write: (text) => {
      out += text;
      return Promise.resolve();
    },
    error: (text) => err.push(text),
    note: (text) => err.push(text),
    progress: () => undefined,
    ask:
      answer === undefined
        ? undefined
        : (question) => {
            asked.push(question);
            return Promise.resolve(answer);
          },
  };
  const code = await runProgram(args, output);
  return { code, out: out.replace(/\n$/, ''), err: err.join('\n'), asked };
}
