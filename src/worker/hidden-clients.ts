/**
 * `durableClient` bindings of functions that the host runs. The host does not know the type, so it does not hear of them; at each
 * invocation they are put back, with their value, before the programming model looks, so that the function finds what it declared.
 */
import { ownMember } from '../base/own-member.ts';
import { type DurableClientBinding, isClientType } from '../function-app/durable-client-input.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';
import type {
  CoreInvocationContext,
  FunctionMetadata,
  InvocationModel,
  ProgrammingModel,
  RpcInvocationResponse,
} from '../function-app/programming-model.ts';
import { presentData, type RpcTypedData } from '../function-app/rpc-typed-data.ts';

/** What functions get, and give. */
export type ClientValues = Pick<DurableClientBinding, 'read' | 'write'>;

type Bindings = FunctionMetadata['bindings'];

/** A function of which the host knows only a part. */
interface PartlyHidden {
  readonly name: string;
  /** As declared, in this order. */
  readonly declared: Bindings;
  readonly hidden: ReadonlyMap<string, BindingInfo>;
}

export class HiddenClients {
  readonly #functions = new Map<string, PartlyHidden>();
  #client: ClientValues | undefined;
  #missing = 'it has not started yet.';

  /** @returns what the host may know; undefined when the function has no client binding. */
  hide(functionId: string, metadata: FunctionMetadata): FunctionMetadata | undefined {
    const all = Object.entries(metadata.bindings);
    const hidden = all.filter(([, binding]) => isClientType(binding['type']));
    if (hidden.length === 0) return undefined;
    const bindings = hidden.map(([name, binding]) => {
      const declared: Partial<BindingInfo> = { direction: 'in', ...binding, name };
      return [name, declared as BindingInfo] as const;
    });
    this.#functions.set(functionId, {
      name: metadata.name,
      declared: metadata.bindings,
      hidden: new Map(bindings),
    });
    const shown = all.filter(([, binding]) => !isClientType(binding['type']));
    return { ...metadata, bindings: Object.fromEntries(shown) };
  }

  forget(functionId: string): void {
    this.#functions.delete(functionId);
  }

  /** All of them, to be looked at before anybody runs. */
  *all(): Generator<{ readonly functionName: string; readonly binding: BindingInfo }> {
    for (const { name, hidden } of this.#functions.values()) {
      for (const binding of hidden.values()) yield { functionName: name, binding };
    }
  }

  /** From now on functions get their clients. */
  serve(client: ClientValues): void {
    this.#client = client;
  }

  /** @param reason ends the sentence that functions with a client fail with. */
  refuse(reason: string): void {
    this.#client = undefined;
    this.#missing = reason;
  }

  /** The model, for functions that the host runs. */
  around(model: ProgrammingModel): Pick<ProgrammingModel, 'getInvocationModel'> {
    return {
      getInvocationModel: (context) => {
        const found = this.#functions.get(context.metadata.functionId);
        return found === undefined
          ? model.getInvocationModel(context)
          : this.#withClients(model, context, found);
      },
    };
  }

  async #withClients(
    model: ProgrammingModel,
    context: CoreInvocationContext,
    fn: PartlyHidden,
  ): Promise<InvocationModel> {
    const client = this.#client;
    if (client === undefined) {
      throw new Error(
        `durable-functions-extension has no client for this function: ${this.#missing}`,
      );
    }
    const given = new Map(context.request.inputData.map(({ name, data }) => [name, data]));
    for (const [name, binding] of fn.hidden) {
      if (binding.direction !== 'out') given.set(name, await client.read(binding));
    }
    // Classic functions get their inputs by position: the trigger, then the others as they were declared.
    const [trigger] = context.request.inputData;
    const names = [trigger?.name, ...Object.keys(fn.declared)];
    const ordered = [...new Set([...names, ...given.keys()])].flatMap((name) => {
      const data = name === undefined ? undefined : given.get(name);
      return name === undefined || data === undefined ? [] : [{ name, data }];
    });
    const bindings = Object.keys(fn.declared).flatMap((name) => {
      const binding = fn.hidden.get(name) ?? ownMember(context.metadata.bindings, name);
      return binding === undefined ? [] : [[name, binding] as const];
    });
    context.request = { ...context.request, inputData: ordered };
    context.metadata = { ...context.metadata, bindings: Object.fromEntries(bindings) };
    const inner = await model.getInvocationModel(context);
    const outputs = [...fn.hidden].filter(([, { direction }]) => direction !== 'in');
    return outputs.length === 0 ? inner : withOutputs(inner, outputs, client);
  }
}

/** What a function gives to a client starts instances, and the host never hears of it. */
function withOutputs(
  inner: InvocationModel,
  outputs: readonly (readonly [string, BindingInfo])[],
  client: ClientValues,
): InvocationModel {
  return {
    getArguments: () => inner.getArguments(),
    invokeFunction: (...call) => inner.invokeFunction(...call),
    getResponse: async (context, result) => {
      const response = await inner.getResponse(context, result);
      for (const [name, binding] of outputs) {
        const value = valueOf(response, name);
        if (value !== undefined) await client.write(binding, value);
      }
      const names = outputs.map(([name]) => name);
      return {
        ...response,
        outputData: (response.outputData ?? []).filter(({ name }) => !names.includes(name ?? '')),
        ...(names.includes('$return') && { returnValue: undefined }),
      };
    },
  };
}

function valueOf(response: RpcInvocationResponse, name: string): RpcTypedData | undefined {
  if (name === '$return') return presentData(response.returnValue);
  return presentData(response.outputData?.find((output) => output.name === name)?.data);
}
