/**
 * What `testing.cjs` needs on top: Jest runs tests in a realm of its own, with a `require` of its own. The stand-in for
 * `@azure/functions-core` has to be handed to that, and values have to be made there, as JSON text is parsed there.
 */
import * as testing from './index.ts';
import { coreApi } from '../function-app/loading/functions-core.ts';
import { parseWith } from './json-values.ts';

export * from './index.ts';

/** The module that exists only inside the Functions worker. */
export function functionsCore(): object {
  return coreApi();
}

/** The same, with values of another realm. @param parse its JSON.parse. */
export function testingWith(parse: (text: string) => unknown): typeof testing {
  parseWith(parse);
  return testing;
}
