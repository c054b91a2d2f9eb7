/**
 * One batch of operations of an entity: the engine's request → the value that the SDKs find in their trigger binding; the state
 * that they answer → `EntityOutcome`. Mirrors EntityTriggerAttributeBindingProvider and OutOfProcEntityShim of the extension.
 */
import type { EntityInvocation, EntityOutcome } from '../engine/function-invoker.ts';

/** A value of its own for each run: the SDKs write into it. Names are camelCase, state and inputs JSON text in it. */
export function entityTriggerValue(invocation: EntityInvocation): object {
  return {
    self: { name: invocation.entityName.toLowerCase(), key: invocation.entityKey },
    exists: invocation.exists,
    state: invocation.state,
    // 3.2 and later copy the id into the signals that an operation sends.
    batch: invocation.operations.map(({ id, name, input, isSignal }) => ({
      id,
      name,
      input,
      isSignal,
    })),
  };
}

/** @param result the object that the SDK answered. */
export function entityOutcome(invocation: EntityInvocation, result: unknown): EntityOutcome {
  if (typeof result !== 'object' || result === null || !('results' in result)) {
    return {
      kind: 'failed',
      message:
        'The function did not answer as an entity does. Wrap it with df.app.entity (durable-functions 3.x) or df.entity (1.x, 2.x).',
    };
  }
  const { results, signals, entityExists, entityState } = result as Readonly<
    Partial<Record<string, unknown>>
  >;
  // An operation that returns twice shifts the others and makes the list longer than the batch: each takes its own place.
  const answers = listOf(results);
  return {
    kind: 'ran',
    exists: entityExists === true,
    state: textOrNull(entityState),
    results: invocation.operations.map((_operation, index) => ({
      isError: answers[index]?.['isError'] === true,
      result: textOrNull(answers[index]?.['result']),
    })),
    signals: listOf(signals).map((signal) => {
      const target = recordOf(signal['target']);
      return {
        targetName: textOf(target['name']),
        targetKey: textOf(target['key']),
        operation: textOf(signal['name']),
        // The SDKs write '' for no input, and for 0, false and '' too.
        input: textOrNull(signal['input']),
      };
    }),
  };
}

type Json = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}

function recordOf(value: unknown): Json {
  return (typeof value === 'object' && value !== null ? value : {}) as Json;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
