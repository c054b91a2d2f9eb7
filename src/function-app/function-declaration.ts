/** What is known of a function before it runs: its trigger and bindings, where its code is, when it runs again. */

/** One entry of function.json's `bindings`, or its v4 counterpart. `%SETTING%` is already replaced in all texts. */
export interface BindingInfo {
  readonly name: string;
  /** As the app spells it: compare without case. */
  readonly type: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly dataType?: string;
  readonly [extra: string]: unknown;
}

export type FunctionKind =
  'orchestrator' | 'activity' | 'entity' | 'http' | 'timer' | 'queue' | 'blob' | 'manual' | 'other';

export interface FunctionRetryOptions {
  readonly strategy: 'fixedDelay' | 'exponentialBackoff';
  /** -1: for ever. */
  readonly maxRetryCount: number;
  readonly delayIntervalMs: number | undefined;
  readonly minimumIntervalMs: number | undefined;
  readonly maximumIntervalMs: number | undefined;
}

export interface LoadedFunction {
  readonly name: string;
  readonly functionId: string;
  readonly trigger: BindingInfo;
  /** All of them, the trigger included, in the order of their declaration. */
  readonly bindings: readonly BindingInfo[];
  readonly kind: FunctionKind;
  readonly model: 'v3' | 'v4';
  readonly isDisabled: boolean;
  /** The folder of function.json; for v4 functions the folder of the entry point. */
  readonly directory: string;
  /** Absolute path. */
  readonly scriptFile: string;
  readonly retryOptions?: FunctionRetryOptions;
}
