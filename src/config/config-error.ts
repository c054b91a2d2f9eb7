/** What is wrong with the configuration, all of it at once: whoever fixes a host.json wants to start the host twice, not ten times. */
import { DurableError } from '../core/errors.ts';

export interface ConfigProblem {
  /** Path of the file; `environment` for an environment variable. */
  readonly file: string;
  /** Where in the file, counted from 1. */
  readonly line?: number;
  readonly column?: number;
  /** As spelled in the file, `extensions.durableTask.hubName`; the name of an environment variable; empty for the file as a whole. */
  readonly path: string;
  /** As spelled. Absent when there is none, or when it is a secret. */
  readonly value?: string;
  /** What is wrong and what was expected. */
  readonly message: string;
}

/** The configuration cannot be used. The message lists every problem, one per line. */
export class ConfigError extends DurableError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('CONFIG', problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** Collects while the configuration is read. */
export interface Findings {
  readonly problems: ConfigProblem[];
  /** One line each: what is ignored or doubtful, and what happens instead. */
  readonly notices: string[];
}

export function describeProblem(problem: ConfigProblem): string {
  const where =
    problem.line === undefined
      ? problem.file
      : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  const what = problem.value === undefined ? problem.path : `${problem.path} = ${problem.value}`;
  return [where, what, problem.message].filter((part) => part !== '').join(': ');
}
