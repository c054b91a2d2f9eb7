/** Functions with triggers of extensions that this host does not have: nothing but an administrator runs them. */
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';

const KNOWN_TRIGGERS = ['httpTrigger', 'timerTrigger', 'queueTrigger', 'blobTrigger'];

export function unknownTriggers(app: Pick<FunctionApp, 'functions'>): readonly FunctionProblem[] {
  return app.functions
    .filter(({ kind, isDisabled }) => kind === 'other' && !isDisabled)
    .map(({ name, trigger }) => ({
      functionName: name,
      reason: `The binding '${trigger.name}' is a trigger of the type '${trigger.type}', which this host does not have: the function runs only by hand, through POST /admin/functions/${name}. Run it on the Azure Functions host, or start its work by one of ${KNOWN_TRIGGERS.join(', ')}.`,
    }));
}
