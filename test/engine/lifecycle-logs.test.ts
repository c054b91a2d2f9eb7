/** J-14: what the log tells of an instance from its start to its end, in the words of the .NET extension. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIFECYCLE_APP } from '../support/lifecycle-app.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

let app: SdkApp;
let hub: SdkHub;
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});
beforeEach(async () => {
  hub = new SdkHub(app.invoker);
  await hub.worker.start();
});
afterEach(() => hub.worker.stop());
afterAll(() => app.dispose());

const told = (instanceId: string): string[] =>
  hub.records.map(({ message }) => message).filter((text) => text.startsWith(`${instanceId}: `));

describe('J-14 the log of an instance', () => {
  it('tells its start, its activities and its end', async () => {
    await hub.start('One', { key: 'logged' }, 'i');
    await hub.ended('i');

    expect(told('i')).toEqual([
      "i: Function 'One (Orchestrator)' scheduled. Reason: NewInstance. IsReplay: False. State: Scheduled.",
      "i: Function 'One (Orchestrator)' started. IsReplay: False. State: Started.",
      "i: Function 'Flaky (Activity)' started. IsReplay: False. State: Started.",
      "i: Function 'Flaky (Activity)' completed. ContinuedAsNew: False. IsReplay: False. State: Completed.",
      "i: Function 'One (Orchestrator)' completed. ContinuedAsNew: False. IsReplay: False. State: Completed.",
    ]);
  });

  it('tells failures with their reasons', async () => {
    await hub.start('One', { key: 'logged failure', times: 1 }, 'i');
    await hub.ended('i');

    const failures = told('i').filter((text) => text.includes('State: Failed'));
    expect(failures).toEqual([
      expect.stringMatching(/^i: Function 'Flaky \(Activity\)' failed .*boom logged failure/),
      expect.stringMatching(/^i: Function 'One \(Orchestrator\)' failed .*boom logged failure/),
    ]);
  });

  it('tells why it was terminated', async () => {
    await hub.start('WaitForEvent', null, 'i');
    await hub.history('i', (history) => history.length > 0);
    await hub.client.terminate('i', 'enough');
    await hub.ended('i');

    expect(told('i').at(-1)).toMatch(/'WaitForEvent \(Orchestrator\)' was terminated.* enough/);
  });
});
