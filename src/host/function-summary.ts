/** What people are told about the functions of the app: in the list of `func start`, and by the admin API. */
import type { FunctionProblem } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import type { HttpEndpoint } from '../triggers/http-trigger.ts';

export interface FunctionSummary {
  readonly name: string;
  /** `httpTrigger`, `orchestrationTrigger`, …, as the app spells it. */
  readonly trigger: string;
  readonly isDisabled: boolean;
  /** For HTTP functions. `methods` is empty when every method is allowed. */
  readonly http?: { readonly methods: readonly string[]; readonly url: string };
}

/** The functions that run or are disabled; those in error are left out. @param found.url `http://localhost:7071` */
export function summarize(
  functions: readonly LoadedFunction[],
  found: {
    readonly endpoints: readonly HttpEndpoint[];
    readonly problems: readonly FunctionProblem[];
    readonly url: string;
  },
): readonly FunctionSummary[] {
  const inError = new Set(found.problems.map((problem) => problem.functionName));
  return functions
    .filter((fn) => !inError.has(fn.name))
    .map((fn) => {
      const endpoint = found.endpoints.find((entry) => entry.functionName === fn.name);
      return {
        name: fn.name,
        trigger: fn.trigger.type,
        isDisabled: fn.isDisabled,
        ...(endpoint && {
          http: { methods: endpoint.methods, url: `${found.url}${endpoint.path}` },
        }),
      };
    });
}
