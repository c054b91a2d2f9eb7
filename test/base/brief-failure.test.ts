import { expect, it } from 'vitest';
import { briefFailure } from '../../src/base/brief-failure.ts';
import { activityFailure } from '../../src/function-app/activity-trigger.ts';

/** As the activity of an app fails that is called from the SDK. */
function failure(stack: string, cause?: Error): string {
  const error = Object.assign(new TypeError('no name', { cause }), { stack });
  const outcome = activityFailure('greet', error);
  return `Orchestrator function 'hello' failed: ${outcome.reason} \n ${outcome.details}`;
}

const MESSAGE = "Orchestrator function 'hello' failed: Activity function 'greet' failed: no name";

it('is the message and the first frame in the code of the app', () => {
  const stack = `TypeError: no name
    at assert (node:assert:1:1)
    at call (/app/node_modules/sdk/index.js:3:1)
    at greet (/app/src/functions/greet.js:6:67)
    at /app/src/functions/other.js:1:1`;

  expect(briefFailure(failure(stack))).toBe(
    `${MESSAGE}\n    at greet (/app/src/functions/greet.js:6:67)`,
  );
});

it('is the message alone where no code of the app is in the stack', () => {
  expect(briefFailure(failure('TypeError: no name\n    at node:internal/x:1:1'))).toBe(MESSAGE);
});

it('names the causes after it', () => {
  const cause = new Error('no "list"', { cause: new Error('no file') });
  const stack = 'TypeError: no name\n    at greet (/app/greet.js:6:67)';

  expect(briefFailure(failure(stack, cause))).toBe(
    `${MESSAGE}\n    at greet (/app/greet.js:6:67)\n    caused by: no "list"\n    caused by: no file`,
  );
});

it('leaves what says no more than a message', () => {
  expect(briefFailure('out of stock: {"sku":7}')).toBe('out of stock: {"sku":7}');
});
