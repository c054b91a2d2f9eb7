/**
 * Orchestrators run again for each message and must do the same each time. Whoever asks the clock, takes a random value or
 * sets a timer in one is told where, and what to use instead: in the log, or by the failure of the instance. The same for what
 * does nothing where something was meant: a task that is returned in place of its result, or never yielded.
 */
import path from 'node:path';
import {
  orchestratorForgetsYield,
  orchestratorNotDeterministic,
  orchestratorReturnsNoResult,
} from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { type AnyFunction, installApiWatch, watchApis } from './api-watch.ts';
import { type CallPlace, CallPlaces } from './call-place.ts';
import { guardSdk1 } from './sdk-1-guard.ts';
import { UnyieldedCalls } from './unyielded-calls.ts';
import type { WatchedApi } from './watched-apis.ts';
import { explainReturned } from './wrong-function.ts';

/** `off`: nothing is looked at. `warn`: one warning per function and API. `error`: the instance fails. */
export type CodeCheckMode = 'off' | 'warn' | 'error';

export interface CodeChecksOptions {
  readonly mode: CodeCheckMode;
  readonly log: Logger;
  /** Places are shown relative to it. */
  readonly scriptRoot: string;
}

/** One run of an orchestrator. */
export interface CheckedRun {
  readonly functionName: string;
  readonly instanceId: string;
  /** Whether the function may use SDK 1.x, which needs a guard of its own. */
  readonly mayUseSdk1: boolean;
  /** Why the instance has to fail, whatever the orchestrator made of the exception. */
  violation?: OrchestratorCodeError;
}

/** Thrown into the code of an orchestrator where it does what would be different at the next replay. */
export class OrchestratorCodeError extends Error {
  override readonly name = 'OrchestratorCodeError';
}

export class OrchestratorCodeChecks {
  readonly #options: CodeChecksOptions;
  readonly #places = new CallPlaces();
  /** `function api`, or `function problem`, of warnings already given. */
  readonly #reported = new Set<string>();
  readonly #uninstall: () => void;

  /** To be made before the app is loaded, which may take functions out of their modules. */
  constructor(options: CodeChecksOptions) {
    this.#options = options;
    this.#uninstall = options.mode === 'off' ? () => undefined : installApiWatch();
  }

  /** Makes the call of an orchestrator, which is synchronous up to the end of its run. */
  watch<Result>(run: CheckedRun, call: () => Result): Result {
    const guarded = run.mayUseSdk1 ? () => guardSdk1(this.#places, call) : call;
    if (this.#options.mode === 'off') return guarded();
    return watchApis((api, above) => {
      this.#called(run, api, above);
    }, guarded);
  }

  /** Looks at what an SDK answers to a run: whether the orchestrator has returned something that can be its result. */
  checkAnswer(run: CheckedRun, answer: unknown): void {
    if (this.#options.mode === 'off' || !hasOutput(answer)) return;
    const problem = explainReturned(answer.output);
    if (problem === undefined) return;
    if (this.#options.mode === 'error') {
      run.violation ??= new OrchestratorCodeError(
        `${problem} (extensions.durableTask.orchestratorCodeChecks is 'error'.)`,
      );
      return;
    }
    const { functionName, instanceId } = run;
    if (this.#isReported(`${functionName} ${problem}`)) return;
    orchestratorReturnsNoResult(this.#options.log, { instanceId, functionName, problem });
  }

  /** Follows the calls of a run. @param df the SDK's context, before the orchestrator has begun. */
  followCalls(df: object): UnyieldedCalls | undefined {
    return this.#options.mode === 'off' ? undefined : new UnyieldedCalls(df);
  }

  /** The orchestrator has returned. A call that it did not yield may be meant, so no instance fails for it. */
  checkCalls({ functionName, instanceId }: CheckedRun, calls: UnyieldedCalls): void {
    for (const call of calls.list()) {
      if (this.#isReported(`${functionName} ${call}`)) continue;
      orchestratorForgetsYield(this.#options.log, { instanceId, functionName, call });
    }
  }

  dispose(): void {
    this.#uninstall();
  }

  #called(run: CheckedRun, api: WatchedApi, above: AnyFunction): void {
    const key = `${run.functionName} ${api.name}`;
    if (this.#reported.has(key)) return;
    const place = this.#places.find(above);
    if (place === undefined) return;
    const where = this.#describe(place);
    if (this.#options.mode === 'error') {
      run.violation ??= new OrchestratorCodeError(
        `Non-deterministic orchestrator code: ${api.name} is called at ${where}, and orchestrators must do the same at each replay. Use ${api.instead}. (extensions.durableTask.orchestratorCodeChecks is 'error'.)`,
      );
      throw run.violation;
    }
    this.#reported.add(key);
    orchestratorNotDeterministic(this.#options.log, {
      instanceId: run.instanceId,
      functionName: run.functionName,
      api: api.name,
      place: where,
      instead: api.instead,
    });
  }

  /** Whether the warning was given already; remembers it. */
  #isReported(key: string): boolean {
    if (this.#reported.has(key)) return true;
    this.#reported.add(key);
    return false;
  }

  /** `src/functions/hello.js:12`, and the package that made the call. */
  #describe({ file, line, through }: CallPlace): string {
    const relative = path.relative(this.#options.scriptRoot, file);
    const isInside = !relative.startsWith('..') && !path.isAbsolute(relative);
    const shown = isInside ? relative.split(path.sep).join('/') : file;
    return `${shown}:${line}${through === undefined ? '' : ` (by the package '${through}')`}`;
  }
}

/** Whether an orchestrator has returned. */
function hasOutput(answer: unknown): answer is { readonly output: unknown } {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'output' in answer &&
    'isDone' in answer &&
    answer.isDone === true
  );
}
