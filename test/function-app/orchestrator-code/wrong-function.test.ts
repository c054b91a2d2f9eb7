/** Orchestrators that are no generator functions, or yield no tasks, with the official SDKs: the instance fails and says why. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../../support/sdk-app.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

describe.each(ALL_SDKS)('durable-functions %s', (sdk) => {
  let app: SdkApp;
  let hub: SdkHub;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/wrong-code.cjs');
  });
  beforeEach(async () => {
    hub = new SdkHub(app.invoker);
    await hub.worker.start();
  });
  afterEach(async () => {
    await hub.worker.stop();
  });
  afterAll(async () => {
    await app.dispose();
  });

  it.each([
    ['AsyncFunction', /failed: The orchestrator is .* Declare it as .*function\*/],
    ['AsyncGenerator', /failed: The orchestrator is an async generator .*function\*/],
    ['PlainFunction', /failed: The orchestrator is not a generator function\. Declare/],
    ['PlainFunctionOfNothing', /failed: The orchestrator is not a generator function\. Declare/],
    ['PlainFunctionThatThrows', /failed: thrown plainly$/],
    ['YieldsPromise', sdk === '1.5.4' ? /yielded a promise\. Only tasks/ : /Only Task types can/],
    ['HasItsOwnBug', /failed: gen\.next is not a function$/],
  ])('fails %s with a reason', async (name, reason) => {
    const { runtimeStatus, output } = await hub.ended(await hub.start(name));

    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(reason);
  });

  it('does with a yielded value what the SDK does', async () => {
    const output = await hub.run('YieldsValue');

    if (sdk === '1.5.4') expect(output).toBe(5);
    else expect(output).toMatch(/Orchestration yielded data of type number/);
  });
});
