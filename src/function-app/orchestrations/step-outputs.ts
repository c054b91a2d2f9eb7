/**
 * What an orchestrator gives to its output bindings, step by step: on the way through history it gives again what it gave before,
 * and only what a new step gives is to be written. An object that a new step looks at counts as given, since it may be changed.
 */
import { ownMember } from '../../base/own-member.ts';
import type { FunctionCallback, RpcInvocationResponse } from '../programming-model.ts';
import type { BindingInfo, LoadedFunction } from '../function-declaration.ts';

export type OutputData = NonNullable<RpcInvocationResponse['outputData']>;

/** The invocation context of either model. */
interface OutputContext {
  readonly df?: { readonly isReplaying?: unknown };
  /** Classic. */
  bindings?: Record<string, unknown>;
  /** v4. */
  readonly extraOutputs?: { get: FunctionCallback; set: FunctionCallback };
}

/** The outputs that are written by a binding extension; `$return` and answers to HTTP requests are not among them. */
export function namedOutputs({ bindings }: LoadedFunction): readonly BindingInfo[] {
  return bindings.filter(
    ({ direction, name, type }) =>
      direction !== 'in' && name !== '$return' && type.toLowerCase() !== 'http',
  );
}

export class StepOutputs {
  readonly #names: readonly string[];
  readonly #context: OutputContext;
  readonly #given = new Set<string>();
  #watched: object | undefined;

  /** undefined for a function without outputs. */
  static of(fn: LoadedFunction, context: unknown): StepOutputs | undefined {
    const names = namedOutputs(fn).map(({ name }) => name);
    return names.length === 0 ? undefined : new StepOutputs(names, context as OutputContext);
  }

  private constructor(names: readonly string[], context: OutputContext) {
    this.#names = names;
    this.#context = context;
    this.#watchBindings();
    if (context.extraOutputs !== undefined) this.#watchExtraOutputs(context.extraOutputs);
  }

  /** What the steps since the last call have given. @param respond the model's conversion of all that is there. */
  async take(respond: () => Promise<RpcInvocationResponse>): Promise<OutputData> {
    // The bindings were put in place as a whole.
    if (this.#context.bindings !== this.#watched)
      this.#names.forEach((name) => {
        this.#note(name);
      });
    const given = new Set(this.#given);
    if (given.size === 0) return [];
    const { outputData } = await respond();
    // The conversion has looked at them.
    this.#given.clear();
    this.#watchBindings();
    return (outputData ?? []).filter(({ name }) => name !== undefined && given.has(name));
  }

  #note(name: string): void {
    if (this.#context.df?.isReplaying !== true) this.#given.add(name);
  }

  #noteUse(name: string, value: unknown): unknown {
    if (typeof value === 'object' && value !== null) this.#note(name);
    return value;
  }

  #watchBindings(): void {
    const { bindings } = this.#context;
    if (bindings === this.#watched || bindings === undefined) return;
    this.#watched = bindings;
    for (const name of this.#names) {
      let value = ownMember(bindings, name);
      Object.defineProperty(bindings, name, {
        configurable: true,
        enumerable: true,
        get: () => this.#noteUse(name, value),
        set: (given: unknown) => {
          value = given;
          this.#note(name);
        },
      });
    }
  }

  #watchExtraOutputs(outputs: { get: FunctionCallback; set: FunctionCallback }): void {
    const get = outputs.get.bind(outputs);
    const set = outputs.set.bind(outputs);
    outputs.get = (output) => this.#noteUse(nameOf(output), get(output));
    outputs.set = (output, value) => {
      this.#note(nameOf(output));
      set(output, value);
    };
  }
}

/** An output is named by a text or by the binding itself. */
function nameOf(output: unknown): string {
  return typeof output === 'string' ? output : String((output as { name?: unknown }).name);
}
