import { describe, expect, it } from 'vitest';
import { parseSdkActions } from '../../src/function-app/orchestrations/sdk-actions.ts';

describe('the actions that an SDK answers', () => {
  it.each([
    [undefined, 'An action must be an object, not undefined.'],
    [{}, "Received an unexpected action type from the out-of-proc function: '$undefined'."],
    [
      { actionType: 8, httpRequest: { method: 'GET' } },
      'The uri of an action must be text, not undefined.',
    ],
  ])('are refused when one is %j, with what it lacks', (action, message) => {
    expect(() => parseSdkActions(0, [[action]])).toThrow(message);
  });
});
