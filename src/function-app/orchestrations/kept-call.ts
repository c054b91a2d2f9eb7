/**
 * A call of a function that goes on over several invocations: an orchestrator is called once and then kept, and each feed of it is
 * an invocation of its own to everybody else, with its id, its hooks, its log scope and its time limit. The programming model is
 * asked once; its context stays the one that user code got, and what is logged through it belongs to the invocation under way.
 */
import { randomUUID } from 'node:crypto';
import type { LogFields } from '../../telemetry/log.ts';
import { describeThrown } from '../failure-text.ts';
import type { RpcTraceContext } from '../rpc-contexts.ts';
import { FunctionRunScope, runInScope } from '../runs/function-run.ts';
import type { Hooks } from '../hooks.ts';
import {
  coreContext,
  type InputData,
  outcomeOf,
  putLiveTrigger,
  type RunnableFunction,
} from '../runs/invoke.ts';
import type { CheckedRun, OrchestratorCodeChecks } from '../orchestrator-code/code-checks.ts';
import type { UnyieldedCalls } from '../orchestrator-code/unyielded-calls.ts';
import type { CoreInvocationContext, RpcInvocationResponse } from '../programming-model.ts';
import type { RpcTypedData } from '../rpc-typed-data.ts';
import { type OutputData, StepOutputs } from './step-outputs.ts';
import type { TimeLimit } from '../runs/time-limit.ts';
import type { UserLog } from '../runs/user-log.ts';

export interface KeptCallOptions {
  readonly runnable: RunnableFunction;
  readonly inputData: readonly InputData[];
  readonly triggerValue: unknown;
  readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
  readonly logFields: LogFields;
  /** Whether what the function logs is dropped. */
  readonly isSilent: boolean;
  readonly traceContext: RpcTraceContext | undefined;
  readonly timeLimit: TimeLimit;
  readonly hooks: Hooks;
  readonly userLog: UserLog;
  readonly codeChecks: OrchestratorCodeChecks;
  readonly checked: CheckedRun;
  /** By name. */
  readonly writeOutputs: (outputs: OutputData) => Promise<void>;
}

/** What one invocation came to. */
export type KeptCallEnd =
  /** After the hooks. */
  | { readonly kind: 'returned'; readonly result: unknown }
  /** `error` is never undefined or null. */
  | { readonly kind: 'threw'; readonly error: unknown };

export interface KeptCall {
  /** The programming model's invocation context; undefined before the first invocation. */
  readonly context: unknown;
  /**
   * One more invocation, whose work is `work`. Never rejects.
   * @param work gets `callFunction`, which calls the function itself, once; resolves with what it returned or gave to `context.done`.
   */
  invoke(work: (callFunction: () => Promise<unknown>) => Promise<unknown>): Promise<KeptCallEnd>;
  /** Runs code of the function that is not called by `callFunction`: what orchestrators must not use is noticed in it. */
  watch<Result>(step: () => Result): Result;
  /**
   * Writes what the new steps since the last time gave to the output bindings. Rejects when an output cannot be written.
   * @returns undefined for a function that has none.
   */
  writeOutputs(): Promise<void> | undefined;
  /** Follows the calls that the orchestrator makes of the SDK's context, which it has not begun to do. */
  followCalls(df: object): void;
  /** The orchestrator has returned: calls that it never yielded are reported. */
  checkCalls(): void;
}

interface Opened {
  readonly core: CoreInvocationContext;
  readonly context: object;
  readonly inputs: unknown[];
  /** In the order in which this model hands them to a function. */
  args: readonly unknown[] | undefined;
  readonly outputs: StepOutputs | undefined;
  /** The model's conversion of all outputs. */
  readonly respond: () => Promise<RpcInvocationResponse>;
  readonly passArgs: (
    inputs: unknown[],
    take: (...args: unknown[]) => Promise<unknown>,
  ) => Promise<unknown>;
}

export function keepCall(options: KeptCallOptions): KeptCall {
  return new AppCall(options);
}

class AppCall implements KeptCall {
  readonly #options: KeptCallOptions;
  #opened: Opened | undefined;
  #calls: UnyieldedCalls | undefined;
  /** The invocation under way, or the last one. */
  #hookData: Record<string, unknown> = {};
  #invocationId = '';

  constructor(options: KeptCallOptions) {
    this.#options = options;
  }

  get context(): unknown {
    return this.#opened?.context;
  }

  watch<Result>(step: () => Result): Result {
    return this.#options.codeChecks.watch(this.#options.checked, step);
  }

  writeOutputs(): Promise<void> | undefined {
    const { outputs, respond } = this.#opened ?? {};
    if (outputs === undefined || respond === undefined) return undefined;
    return outputs.take(respond).then((taken) => this.#options.writeOutputs(taken));
  }

  followCalls(df: object): void {
    this.#calls = this.#options.codeChecks.followCalls(df);
  }

  checkCalls(): void {
    const { codeChecks, checked } = this.#options;
    if (this.#calls) codeChecks.checkCalls(checked, this.#calls);
    this.#calls = undefined;
  }

  async invoke(
    work: (callFunction: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<KeptCallEnd> {
    const { runnable, isSilent, logFields } = this.#options;
    const { instanceId } = logFields;
    const scope = new FunctionRunScope(runnable.fn.name, randomUUID(), { isSilent, instanceId });
    this.#invocationId = scope.invocationId;
    this.#hookData = {};
    const end = await runInScope(scope, () => this.#invokeIn(scope, work));
    const { checked, codeChecks } = this.#options;
    if (end.kind === 'returned') codeChecks.checkAnswer(checked, end.result);
    const { violation } = checked;
    return violation === undefined ? end : { kind: 'threw', error: violation };
  }

  async #invokeIn(
    scope: FunctionRunScope,
    work: (callFunction: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<KeptCallEnd> {
    const { hooks, timeLimit } = this.#options;
    try {
      const opened = (this.#opened ??= await this.#open(scope));
      const { core, context } = opened;
      nameInvocation(context, scope.invocationId);
      const invocationData = { hookData: this.#hookData, invocationContext: context };
      core.state = 'preInvocationHooks';
      const prepared = hooks.around('preInvocation', invocationData, {
        inputs: opened.inputs,
        functionCallback: (...args: unknown[]) => work(() => this.#callFunction(context, args)),
      });
      const before = prepared instanceof Promise ? await prepared : prepared;

      core.state = 'invocation';
      opened.args ??= await argumentsOf(opened, before.inputs);
      const args = opened.args;
      const outcome = await outcomeOf(
        timeLimit.guard(scope, () => before.functionCallback(...args)),
      );

      core.state = 'postInvocationHooks';
      const looked = hooks.around('postInvocation', invocationData, {
        inputs: before.inputs,
        ...outcome,
      });
      const after = looked instanceof Promise ? await looked : looked;
      if (after.error !== null && after.error !== undefined) {
        return { kind: 'threw', error: after.error };
      }
      return { kind: 'returned', result: after.result };
    } catch (error) {
      return { kind: 'threw', error: error ?? new Error('Unknown error') };
    }
  }

  async #open(scope: FunctionRunScope): Promise<Opened> {
    const { runnable, inputData, triggerMetadata, triggerValue, traceContext } = this.#options;
    const invocation = { scope, inputData, triggerMetadata };
    const core = coreContext(
      runnable.fn,
      { ...invocation, traceContext, retryContext: undefined },
      (level, category, message) => {
        this.#log(level, category, message);
      },
    );
    const model = await runnable.model.getInvocationModel(core);
    const args = await model.getArguments();
    putLiveTrigger(args, runnable.fn.trigger, { value: triggerValue });
    return {
      core,
      context: args.context as object,
      inputs: args.inputs,
      args: undefined,
      outputs: StepOutputs.of(runnable.fn, args.context),
      respond: () => model.getResponse(args.context, undefined),
      passArgs: (inputs, take) => model.invokeFunction(args.context, inputs, take),
    };
  }

  async #callFunction(context: object, args: readonly unknown[]): Promise<unknown> {
    const { callback } = this.#options.runnable;
    const done = takeDone(context);
    const returned = this.watch(() => callback(...args));
    return done === undefined ? await returned : await done.orReturned(returned);
  }

  #log(...[level, category, message]: Parameters<CoreInvocationContext['log']>): void {
    const { userLog, runnable, logFields } = this.#options;
    const functionName = runnable.fn.name;
    userLog.write(level, category, message, {
      functionName,
      hookData: this.#hookData,
      invocationContext: this.#opened?.context,
      fields: { ...logFields, functionName, invocationId: this.#invocationId },
    });
  }
}

/**
 * The model is left in the belief that the function still runs, as it does: it would warn of lines that are logged later.
 */
async function argumentsOf({ passArgs }: Opened, inputs: unknown[]): Promise<readonly unknown[]> {
  return await new Promise((resolve, reject) => {
    const neverReturns = (...args: unknown[]): Promise<unknown> => {
      resolve(args);
      return new Promise(() => undefined);
    };
    passArgs(inputs, neverReturns).catch(reject);
  });
}

/** Classic functions may answer by `context.done`: SDK 2.x does. undefined where there is no such thing. */
function takeDone(
  context: object,
): { orReturned(returned: unknown): Promise<unknown> } | undefined {
  if (!('done' in context) || typeof context.done !== 'function') return undefined;
  let settle: (outcome: Promise<unknown>) => void = () => undefined;
  const told = new Promise<unknown>((resolve) => {
    settle = resolve;
  });
  context.done = (error?: unknown, result?: unknown): void => {
    settle(
      error === undefined || error === null
        ? Promise.resolve(result)
        : Promise.reject(error instanceof Error ? error : new Error(describeThrown(error).message)),
    );
  };
  return {
    orReturned: (returned) => (returned instanceof Promise ? Promise.race([told, returned]) : told),
  };
}

/** User code keeps its context; the id is that of the invocation under way. */
function nameInvocation(context: object, invocationId: string): void {
  if (Object.hasOwn(context, 'invocationId')) Reflect.set(context, 'invocationId', invocationId);
  const { executionContext } = context as { executionContext?: unknown };
  if (typeof executionContext === 'object' && executionContext !== null) {
    Reflect.set(executionContext, 'invocationId', invocationId);
  }
}
