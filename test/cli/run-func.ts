/** `func` within the process of the test. */
import type { Output } from '../../src/cli/output.ts';
import { runProgram } from '../../src/cli/program.ts';

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
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const output: Output = {
    colors: false,
    line: (text = '') => out.push(text),
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
  return { code, out: out.join('\n'), err: err.join('\n'), asked };
}
