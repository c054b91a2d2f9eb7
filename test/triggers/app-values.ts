/** Function apps as plain values, where a test is about the trigger and not about user code. */
import type {
  BindingInfo,
  FunctionKind,
  LoadedFunction,
} from '../../src/function-app/function-declaration.ts';
import type {
  FunctionApp,
  InvocationRequest,
  InvocationResult,
} from '../../src/function-app/function-app.ts';
import type { RpcTypedData } from '../../src/function-app/rpc-typed-data.ts';
import type { LogRecord, Logger } from '../../src/telemetry/log.ts';

export function functionOf(
  name: string,
  kind: FunctionKind,
  trigger: Readonly<Record<string, unknown>> = {},
  more: Partial<LoadedFunction> = {},
): LoadedFunction {
  const binding: BindingInfo = {
    name: 'trigger',
    type: `${kind}Trigger`,
    direction: 'in',
    ...trigger,
  };
  const output: BindingInfo = { name: '$return', type: 'http', direction: 'out' };
  return {
    name,
    functionId: name,
    trigger: binding,
    bindings: kind === 'http' ? [binding, output] : [binding],
    kind,
    model: 'v4',
    isDisabled: false,
    directory: '/app',
    scriptFile: '/app/index.js',
    ...more,
  };
}

export interface RecordedApp extends Pick<FunctionApp, 'functions' | 'capabilities' | 'invoke'> {
  readonly requests: (InvocationRequest & { readonly functionName: string })[];
}

type Answer = InvocationResult | Promise<InvocationResult>;

export function appOf(
  functions: readonly LoadedFunction[],
  answer: (fn: LoadedFunction, request: InvocationRequest) => Answer = () => succeeded(),
  capabilities: Readonly<Record<string, string>> = {},
): RecordedApp {
  const requests: RecordedApp['requests'] = [];
  return {
    functions,
    capabilities,
    requests,
    invoke(fn, request) {
      requests.push({ ...request, functionName: fn.name });
      return Promise.resolve(answer(fn, request));
    },
  };
}

export function succeeded(returnValue?: RpcTypedData): InvocationResult {
  const outputs = new Map<string, RpcTypedData>();
  return returnValue === undefined
    ? { kind: 'succeeded', outputs }
    : { kind: 'succeeded', returnValue, outputs };
}

export function failed(message: string): InvocationResult {
  return {
    kind: 'failed',
    message,
    stack: `Error: ${message}\n    at f`,
    error: new Error(message),
  };
}

export function recordingLog(): Logger & { readonly records: LogRecord[]; messages(): string[] } {
  const records: LogRecord[] = [];
  return {
    records,
    messages: () => records.map((record) => record.message),
    write: (record) => {
      records.push(record);
    },
  };
}
