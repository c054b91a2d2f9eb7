/** What a run leaves behind in the process. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, it } from 'vitest';
import { FunctionRunScope } from '../../src/function-app/runs/function-run.ts';
import { eventually } from '../support/eventually.ts';

async function endedRun(): Promise<WeakRef<object>> {
  const scope = new FunctionRunScope('Ended', 'id of Ended');
  await scope.guard(() => Promise.resolve());
  return new WeakRef(scope);
}

describe('a run that has ended', () => {
  it('is let go of, also where nobody watches the event loop', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const run = await endedRun();

    // Also what was on the stack, and what an earlier callback holds, is let go of a few turns later.
    await eventually(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
      return run.deref() === undefined;
    });
  });
});
