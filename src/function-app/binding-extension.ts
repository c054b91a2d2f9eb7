/** How the host adds input and output bindings to functions. Triggers are not bindings in this sense: they call `FunctionApp.invoke`. */
import type { BindingInfo, LoadedFunction } from './function-declaration.ts';
import type { RpcTypedData } from './rpc-typed-data.ts';

export type TriggerMetadata = Readonly<Record<string, RpcTypedData>>;

export interface BindingExtension {
  /** Lower case. */
  readonly types: readonly string[];
  /** Says why this use of the binding cannot be served and what to do; undefined when it can. Asked once, when the app is loaded. */
  supports(binding: BindingInfo): string | undefined;
  /** The value of an input binding; undefined stands for null. Called before the function runs; a rejection fails the invocation. */
  read?(
    binding: BindingInfo,
    fn: LoadedFunction,
    triggerMetadata: TriggerMetadata,
  ): Promise<RpcTypedData | undefined>;
  /** Takes the value of an output binding after the function succeeded. A rejection fails the invocation. */
  write?(
    binding: BindingInfo,
    value: RpcTypedData,
    fn: LoadedFunction,
    triggerMetadata: TriggerMetadata,
  ): Promise<void>;
}
