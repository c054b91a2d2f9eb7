/** Functions as the Functions host learns of them from its worker, and which of them it refuses. */

/** Of the protocol. */
export interface RpcFunctionMetadata {
  readonly name: string;
  readonly functionId: string;
  readonly scriptFile: string;
  readonly directory: string;
  readonly rawBindings: readonly string[];
  readonly bindings: Readonly<Record<string, unknown>>;
}

export interface IndexedBinding {
  readonly name: string;
  readonly type: string;
  readonly direction?: string;
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: string;
}

export interface IndexedFunction {
  readonly name: string;
  readonly functionId: string;
  readonly bindings: readonly IndexedBinding[];
  readonly trigger: IndexedBinding;
  /** As the worker sent it. */
  readonly metadata: RpcFunctionMetadata;
}

/** What a host without extensions has, and the storage extension. */
const BINDING_TYPES: ReadonlySet<string> = new Set(
  ['httpTrigger', 'http', 'timerTrigger', 'queueTrigger', 'queue', 'blob', 'table'].map((type) =>
    type.toLowerCase(),
  ),
);

/** @throws {Error} as the host words it, for a function that it would leave out. */
export function indexFunction(metadata: RpcFunctionMetadata): IndexedFunction {
  const { name, functionId, scriptFile, rawBindings } = metadata;
  const bindings = rawBindings.map((text) => JSON.parse(text) as IndexedBinding);
  if (!/^[a-z][a-z0-9_-]{0,127}$/i.test(name)) throw new Error(`'${name}' is no function name`);
  if (scriptFile === '') throw new Error(`'${name}' has no script file`);
  const unknown = bindings.filter(({ type }) => !BINDING_TYPES.has(type.toLowerCase()));
  if (unknown.length > 0) {
    const types = unknown.map(({ type }) => `'${type}'`).join(', ');
    throw new Error(
      `The binding type(s) ${types} are not registered. Please ensure the type is correct and the binding extension is installed.`,
    );
  }
  const trigger = bindings.find(({ type }) => /trigger$/i.test(type));
  if (trigger === undefined) throw new Error(`'${name}' has no trigger`);
  return { name, functionId, bindings, trigger, metadata };
}
