/** A function app after loading: runs its functions, with their input and output bindings around the programming model. */
import { randomUUID } from 'node:crypto';
import { ownMember } from '../base/own-member.ts';
import type { Logger } from '../telemetry/log.ts';
import type { BindingExtension, TriggerMetadata } from './binding-extension.ts';
import { describeThrown } from './failure-text.ts';
import type { BindingInfo, LoadedFunction } from './function-declaration.ts';
import type {
  FunctionApp,
  FunctionProblem,
  InvocationRequest,
  InvocationResult,
  LiveRequest,
  LiveResult,
} from './function-app.ts';
import type { FunctionRun } from './runs/function-run.ts';
import type { RpcTraceContext } from './rpc-contexts.ts';
import { currentScope, FunctionRunScope, runInScope } from './runs/function-run.ts';
import { extensionFor, isHttpOutput } from './loading/function-registry.ts';
import { hookContext, type Hooks } from './hooks.ts';
import { type KeptCall, keepCall } from './orchestrations/kept-call.ts';
import {
  type InputData,
  type InvocationEnd,
  type RunnableFunction,
  runInvocation,
} from './runs/invoke.ts';
import type { CheckedRun, OrchestratorCodeChecks } from './orchestrator-code/code-checks.ts';
import { presentData, type RpcTypedData } from './rpc-typed-data.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { RpcInvocationResponse } from './programming-model.ts';
import { TimeLimit } from './runs/time-limit.ts';
import { namedOutputs, type OutputData } from './orchestrations/step-outputs.ts';
import { completeMetadata } from './trigger-metadata.ts';
import type { UserLog } from './runs/user-log.ts';

export interface LoadedAppParts {
  readonly runnables: readonly RunnableFunction[];
  readonly problems: readonly FunctionProblem[];
  readonly capabilities: Readonly<Record<string, string>>;
  readonly hooks: Hooks;
  readonly userLog: UserLog;
  readonly bindingExtensions: readonly BindingExtension[];
  readonly codeChecks: OrchestratorCodeChecks;
  readonly log: Logger;
  /** How long a function may run; undefined for no limit. */
  readonly functionTimeoutMs: number | undefined;
  /** Takes away what loading put into the process. */
  readonly release: () => void;
}

export class LoadedApp implements FunctionApp {
  readonly functions: readonly LoadedFunction[];
  readonly problems: readonly FunctionProblem[];
  readonly capabilities: Readonly<Record<string, string>>;
  readonly #parts: LoadedAppParts;
  readonly #runnables: ReadonlyMap<LoadedFunction, RunnableFunction>;
  readonly #timeLimit: TimeLimit;
  #isDisposed = false;

  constructor(parts: LoadedAppParts) {
    this.functions = parts.runnables.map(({ fn }) => fn);
    this.problems = parts.problems;
    this.capabilities = parts.capabilities;
    this.#parts = parts;
    this.#timeLimit = new TimeLimit(parts.functionTimeoutMs, parts.log);
    this.#runnables = new Map(parts.runnables.map((runnable) => [runnable.fn, runnable]));
  }

  async invoke(fn: LoadedFunction, request: InvocationRequest): Promise<InvocationResult> {
    const triggerMetadata = completeMetadata({
      functionName: fn.name,
      own: request.triggerMetadata ?? {},
      value: request.triggerData.string,
    });
    try {
      const end = await this.#run(fn, { ...request, triggerMetadata });
      if (end.kind === 'threw') return failed(end.error);
      return await this.#finish(fn, await end.respond(), triggerMetadata);
    } catch (error) {
      return failed(error);
    }
  }

  async call(fn: LoadedFunction, request: LiveRequest): Promise<LiveResult> {
    const triggerMetadata = liveMetadata(fn, request);
    const checked = fn.kind === 'orchestrator' ? this.#checkedRun(fn, request) : undefined;
    try {
      const end = await this.#run(fn, {
        triggerData: {},
        triggerMetadata,
        live: { value: request.triggerValue },
        traceContext: request.traceContext,
        logFields: request.logFields,
        isSilent: request.isSilent,
        checked,
      });
      if (checked && end.kind === 'returned') {
        this.#parts.codeChecks.checkAnswer(checked, end.result);
      }
      if (checked?.violation) {
        return { kind: 'threw', error: checked.violation, context: end.context };
      }
      if (end.kind === 'threw') return end;
      const finish = async (): Promise<InvocationResult> => {
        try {
          return await this.#finish(fn, await end.respond(), triggerMetadata);
        } catch (error) {
          return failed(error);
        }
      };
      const writeOutputs = async (): Promise<void> => {
        await this.#writeOutputs(fn, await end.takeOutputs(), triggerMetadata);
      };
      const { result, context } = end;
      return { kind: 'returned', result, context, finish, writeOutputs };
    } catch (error) {
      return { kind: 'threw', error: error ?? new Error('Unknown error'), context: undefined };
    }
  }

  async keep(fn: LoadedFunction, request: LiveRequest): Promise<KeptCall> {
    const { hooks, userLog, codeChecks } = this.#parts;
    const triggerMetadata = liveMetadata(fn, request);
    return keepCall({
      runnable: this.#runnableOf(fn, undefined),
      inputData: await this.#readInputs(fn, {}, triggerMetadata),
      triggerValue: request.triggerValue,
      triggerMetadata,
      logFields: request.logFields ?? {},
      isSilent: request.isSilent ?? false,
      traceContext: request.traceContext,
      timeLimit: this.#timeLimit,
      hooks,
      userLog,
      codeChecks,
      checked: this.#checkedRun(fn, request),
      writeOutputs: (outputs) => this.#writeOutputs(fn, outputs, triggerMetadata),
    });
  }

  currentRun(): FunctionRun | undefined {
    const scope = currentScope();
    return scope === undefined || scope.functionName === '' ? undefined : scope;
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const { hooks, log, release } = this.#parts;
    try {
      const { appLevelHookData: hookData, appHookData } = hooks;
      await hooks.run('appTerminate', hookContext({ hookData, appHookData }, {}));
    } catch (error) {
      const message = `An appTerminate hook of the app failed: ${errorText(error)}`;
      text(log, 'error', 'Host.Function.Console', message, error);
    } finally {
      release();
    }
  }

  async #run(
    fn: LoadedFunction,
    request: Omit<InvocationRequest, 'triggerMetadata' | 'traceContext'> & {
      readonly traceContext?: RpcTraceContext | undefined;
      readonly triggerMetadata: TriggerMetadata;
      readonly live?: { readonly value: unknown };
      readonly logFields?: LiveRequest['logFields'];
      readonly isSilent?: boolean | undefined;
      readonly checked?: CheckedRun | undefined;
    },
  ): Promise<InvocationEnd> {
    const runnable = this.#runnableOf(fn, request.checked);
    const { invocationId = randomUUID(), isSilent = false } = request;
    const instanceId = request.logFields?.['instanceId'];
    const scope = new FunctionRunScope(fn.name, invocationId, { isSilent, instanceId });
    const read = this.#readInputs(fn, request.triggerData, request.triggerMetadata);
    const inputData = read instanceof Promise ? await read : read;
    return runInScope(scope, () =>
      runInvocation(
        runnable,
        {
          scope,
          inputData,
          triggerMetadata: request.triggerMetadata,
          traceContext: request.traceContext,
          retryContext: request.retryContext,
          ...(request.live === undefined ? {} : { liveTriggerValue: request.live }),
          logFields: {
            functionName: fn.name,
            invocationId: scope.invocationId,
            ...request.logFields,
          },
          timeLimit: this.#timeLimit,
        },
        this.#parts,
      ),
    );
  }

  #runnableOf(fn: LoadedFunction, checked: CheckedRun | undefined): RunnableFunction {
    const runnable = this.#runnables.get(fn);
    if (runnable === undefined) {
      throw new Error(`The function '${fn.name}' is not one of this app.`);
    }
    if (checked === undefined) return runnable;
    const { codeChecks } = this.#parts;
    const { callback } = runnable;
    return {
      ...runnable,
      callback: (...args) => codeChecks.watch(checked, () => callback(...args)),
    };
  }

  #checkedRun(fn: LoadedFunction, { logFields }: LiveRequest): CheckedRun {
    return {
      functionName: fn.name,
      instanceId: String(logFields?.['instanceId'] ?? ''),
      mayUseSdk1: fn.model === 'v3',
    };
  }

  /** The trigger first, then the other inputs in order; each is there, empty data standing for null. */
  #readInputs(
    fn: LoadedFunction,
    triggerData: RpcTypedData,
    triggerMetadata: TriggerMetadata,
  ): InputData[] | Promise<InputData[]> {
    const inputs = [{ name: fn.trigger.name, data: triggerData }];
    const others = fn.bindings.filter(
      (binding) => binding !== fn.trigger && binding.direction !== 'out',
    );
    return others.length === 0 ? inputs : this.#addInputs(inputs, others, fn, triggerMetadata);
  }

  async #addInputs(
    inputs: InputData[],
    others: readonly BindingInfo[],
    fn: LoadedFunction,
    triggerMetadata: TriggerMetadata,
  ): Promise<InputData[]> {
    for (const binding of others) {
      const extension = extensionFor(binding, this.#parts.bindingExtensions);
      const data = await extension?.read?.(binding, fn, triggerMetadata);
      inputs.push({ name: binding.name, data: data ?? {} });
    }
    return inputs;
  }

  async #finish(
    fn: LoadedFunction,
    response: RpcInvocationResponse,
    triggerMetadata: TriggerMetadata,
  ): Promise<InvocationResult> {
    const returnValue = presentData(response.returnValue);
    const outputs = outputsOf(fn, response, returnValue);
    for (const binding of fn.bindings) {
      if (binding.direction === 'in' || isHttpOutput(binding)) continue;
      const value = binding.name === '$return' ? returnValue : outputs.get(binding.name);
      await this.#write(fn, binding, value, triggerMetadata);
    }
    return {
      kind: 'succeeded',
      ...(returnValue === undefined ? {} : { returnValue }),
      outputs,
    };
  }

  async #writeOutputs(
    fn: LoadedFunction,
    outputs: OutputData,
    triggerMetadata: TriggerMetadata,
  ): Promise<void> {
    for (const binding of namedOutputs(fn)) {
      const given = outputs.find(({ name }) => name === binding.name);
      await this.#write(fn, binding, presentData(given?.data), triggerMetadata);
    }
  }

  async #write(
    fn: LoadedFunction,
    binding: BindingInfo,
    value: RpcTypedData | undefined,
    triggerMetadata: TriggerMetadata,
  ): Promise<void> {
    if (value === undefined) return;
    const extension = extensionFor(binding, this.#parts.bindingExtensions);
    await extension?.write?.(binding, value, fn, triggerMetadata);
  }
}

function liveMetadata(fn: LoadedFunction, request: LiveRequest): TriggerMetadata {
  const { triggerMetadata: own = {}, triggerValue, members: value = triggerValue } = request;
  return completeMetadata({ functionName: fn.name, own, value });
}

/** Without a `$return` binding, members of a returned object that are named like outputs are their values. Mirrors HandleOutputDictionary. */
function outputsOf(
  fn: LoadedFunction,
  response: RpcInvocationResponse,
  returnValue: RpcTypedData | undefined,
): ReadonlyMap<string, RpcTypedData> {
  const outputs = new Map<string, RpcTypedData>();
  for (const { name, data } of response.outputData ?? []) {
    const value = presentData(data);
    if (name !== undefined && value !== undefined) outputs.set(name, value);
  }
  const named = fn.bindings.filter(({ direction }) => direction !== 'in');
  if (returnValue?.json === undefined || named.some(({ name }) => name === '$return')) {
    return outputs;
  }
  const members: unknown = named.length === 0 ? null : JSON.parse(returnValue.json);
  if (typeof members !== 'object' || members === null || Array.isArray(members)) return outputs;
  for (const { name } of named) {
    addMember(outputs, name, ownMember(members as Record<string, unknown>, name));
  }
  return outputs;
}

function addMember(
  outputs: Map<string, RpcTypedData>,
  name: BindingInfo['name'],
  value: unknown,
): void {
  if (value === undefined || value === null) return;
  outputs.set(
    name,
    typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) },
  );
}

function failed(error: unknown): InvocationResult {
  return { kind: 'failed', ...describeThrown(error), error };
}
