/**
 * One run of a function by its programming model: arguments, preInvocation hooks, the function, postInvocation hooks, and, when
 * asked for, the response. Mirrors worker/src/eventHandlers/InvocationHandler.ts, step by step.
 */
import { ownMember, setOwnMember } from '../../base/own-member.ts';
import type { BindingInfo, LoadedFunction } from '../function-declaration.ts';
import type { RpcRetryContext, RpcTraceContext } from '../rpc-contexts.ts';
import { type FunctionRunScope, runInScope } from './function-run.ts';
import type { Hooks } from '../hooks.ts';
import type { LogFields } from '../../telemetry/log.ts';
import type {
  CoreInvocationContext,
  FunctionCallback,
  ProgrammingModel,
  RpcInvocationResponse,
} from '../programming-model.ts';
import type { RpcTypedData } from '../rpc-typed-data.ts';
import { namedOutputs, type OutputData, StepOutputs } from '../orchestrations/step-outputs.ts';
import type { TimeLimit } from './time-limit.ts';
import type { UserLog } from './user-log.ts';

export interface RunnableFunction {
  readonly fn: LoadedFunction;
  readonly callback: FunctionCallback;
  readonly model: ProgrammingModel;
}

/** The value of an input, or of the trigger. */
export interface InputData {
  readonly name: string;
  readonly data: RpcTypedData;
}

export interface Invocation {
  readonly scope: FunctionRunScope;
  readonly inputData: readonly InputData[];
  readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
  readonly traceContext: RpcTraceContext | undefined;
  readonly retryContext: RpcRetryContext | undefined;
  /** Takes the place of the trigger's input data, as it is. */
  readonly liveTriggerValue?: { readonly value: unknown };
  readonly logFields: LogFields;
  readonly timeLimit: TimeLimit;
}

export type InvocationEnd =
  | {
      readonly kind: 'returned';
      readonly result: unknown;
      readonly context: unknown;
      respond(): Promise<RpcInvocationResponse>;
      /** What it gave to its outputs by name, an orchestrator in its new steps. */
      takeOutputs(): Promise<OutputData>;
    }
  /** `error` is never undefined or null. */
  | { readonly kind: 'threw'; readonly error: unknown; readonly context: unknown };

/** Never rejects: whatever fails on the way is the function's failure. */
export async function runInvocation(
  { fn, callback, model }: RunnableFunction,
  invocation: Invocation,
  { hooks, userLog }: { readonly hooks: Hooks; readonly userLog: UserLog },
): Promise<InvocationEnd> {
  const hookData: Record<string, unknown> = {};
  let context: unknown;
  const core = coreContext(fn, invocation, (level, category, message) => {
    userLog.write(level, category, message, {
      functionName: fn.name,
      hookData,
      invocationContext: context,
      fields: invocation.logFields,
    });
  });
  try {
    const modelled = model.getInvocationModel(core);
    const invocationModel = modelled instanceof Promise ? await modelled : modelled;
    const args = await invocationModel.getArguments();
    context = args.context;
    putLiveTrigger(args, fn.trigger, invocation.liveTriggerValue);
    const stepOutputs = fn.kind === 'orchestrator' ? StepOutputs.of(fn, context) : undefined;

    const invocationData = { hookData, invocationContext: context };
    core.state = 'preInvocationHooks';
    const prepared = hooks.around('preInvocation', invocationData, {
      inputs: args.inputs,
      functionCallback: callback,
    });
    const before = prepared instanceof Promise ? await prepared : prepared;

    core.state = 'invocation';
    const outcome = await outcomeOf(
      invocation.timeLimit.guard(invocation.scope, () =>
        invocationModel.invokeFunction(context, before.inputs, before.functionCallback),
      ),
    );

    core.state = 'postInvocationHooks';
    const looked = hooks.around('postInvocation', invocationData, {
      inputs: before.inputs,
      ...outcome,
    });
    const after = looked instanceof Promise ? await looked : looked;

    if (after.error !== null && after.error !== undefined) {
      return { kind: 'threw', error: after.error, context };
    }
    const { result } = after;
    // Bodies that are streams run user code.
    const respond = (answer: unknown): Promise<RpcInvocationResponse> =>
      runInScope(invocation.scope, () => invocationModel.getResponse(context, answer));
    return {
      kind: 'returned',
      result,
      context,
      respond: () => respond(result),
      takeOutputs: async () => {
        if (stepOutputs !== undefined) return stepOutputs.take(() => respond(undefined));
        if (namedOutputs(fn).length === 0) return [];
        return (await respond(undefined)).outputData ?? [];
      },
    };
  } catch (error) {
    return { kind: 'threw', error: error ?? new Error('Unknown error'), context };
  }
}

/** What a run of a function came to, as hooks see it. */
export interface RunOutcome {
  result: unknown;
  error: unknown;
}

export function outcomeOf(run: Promise<unknown>): Promise<RunOutcome> {
  return run.then(
    (result) => ({ result, error: null }),
    // `throw undefined` is a failure too, though hooks see "no error" as null or undefined.
    (error: unknown) => ({ result: null, error: error ?? new Error('Unknown error') }),
  );
}

/** A live value stays one object, which costs no JSON and keeps what JSON would lose. */
export function putLiveTrigger(
  { context, inputs }: { readonly context: unknown; readonly inputs: unknown[] },
  trigger: BindingInfo,
  live: { readonly value: unknown } | undefined,
): void {
  if (live === undefined) return;
  inputs[0] = live.value;
  const { bindings, bindingData, triggerMetadata } = context as Partial<
    Record<string, Record<string, unknown>>
  >;
  if (bindings !== undefined) setOwnMember(bindings, trigger.name, live.value);
  const data = bindingData ?? triggerMetadata;
  const dataName = trigger.name.charAt(0).toLowerCase() + trigger.name.slice(1);
  if (data !== undefined && ownMember(data, dataName) === undefined) {
    setOwnMember(data, dataName, live.value);
  }
}

/** All of it is made anew for each run: the models write into it. */
export function coreContext(
  fn: LoadedFunction,
  invocation: Pick<
    Invocation,
    'scope' | 'inputData' | 'triggerMetadata' | 'traceContext' | 'retryContext'
  >,
  log: CoreInvocationContext['log'],
): CoreInvocationContext {
  const { invocationId } = invocation.scope;
  return {
    invocationId,
    request: {
      invocationId,
      functionId: fn.functionId,
      inputData: invocation.inputData.map((input) => ({ ...input })),
      triggerMetadata: { ...invocation.triggerMetadata },
      traceContext: invocation.traceContext ?? null,
      retryContext: invocation.retryContext ?? null,
    },
    metadata: {
      name: fn.name,
      functionId: fn.functionId,
      directory: fn.directory,
      scriptFile: fn.scriptFile,
      bindings: Object.fromEntries(
        fn.bindings.map(({ name, ...binding }) => [name, binding as unknown as BindingInfo]),
      ),
    },
    log,
  };
}
