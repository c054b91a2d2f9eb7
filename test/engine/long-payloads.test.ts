/** What is too long to be stored is refused where it comes from, and can be caught, in place of being tried again for ever. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { overriding } from '../support/overriding.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

/** In place of 255 MiB. */
const MOST = 100_000;
const TOO_LONG = MOST + 1;
const REASON = `is too long to be stored: it takes more than ${MOST} bytes.`;

let app: SdkApp;
let hub: SdkHub;

describe.each(ALL_SDKS)('a value of an app of durable-functions %s that is too long', (sdk) => {
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/long-payloads.cjs');
  });
  beforeEach(async () => {
    hub = new SdkHub(app.invoker, {}, (backend) =>
      overriding(backend, { limits: { ...backend.limits, maxPayloadBytes: MOST } }),
    );
    await hub.worker.start();
  });
  afterEach(async () => {
    await hub.worker.stop();
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('fails the activity that gives it, and its orchestrator can catch that', async () => {
    const output = await hub.run('CatchesResult', TOO_LONG);

    expect(output).toContain(`The result of activity function 'Makes' ${REASON}`);
    expect(output).toMatch(/^caught: /);
    expect(await hub.run('CatchesResult', MOST - 100)).toBe(MOST - 100);
  });

  it('is cut where it is the text of a failure', async () => {
    expect(await hub.run('CatchesFailure', TOO_LONG)).toBe('caught a short text');
    expect(await hub.run('ThrowsLong', TOO_LONG)).toContain(`… (${TOO_LONG} characters in all)`);
  });

  it('fails the orchestrator that gives it, and its parent can catch that', async () => {
    const output = await hub.run('CatchesOutput', TOO_LONG);

    expect(output).toMatch(/^caught: /);
    expect(output).toContain(`The output of orchestrator function 'Returns' ${REASON}`);
  });

  it.each([
    ['HandsOn', "The input of an activity task with sequence ID 1 and name 'Makes'"],
    ['StartsChild', "The input of a sub-orchestration with sequence ID 0 and name 'Returns'"],
    ['AsksEntity', "The input of 'keep' for @notes@k"],
    ['GoesOn', 'The input of the next generation'],
  ])('fails the orchestrator that hands it on: %s', async (name, what) => {
    const output = await hub.run(name, TOO_LONG);

    expect(output).toContain(`Orchestrator function '${name}' failed: ${what} ${REASON}`);
  });

  it('fails the operation of an entity, which keeps its state', async () => {
    const [told, length] = (await hub.run('GrowsEntity', TOO_LONG)) as [string[], number];

    // 1.x tells its callers nothing.
    if (sdk !== '1.5.4') {
      expect(told[0]).toContain(`The state of entity 'notes' with key `);
      expect(told[1]).toContain(`The result of operation 'show' of entity 'notes' with key `);
      expect(told.every((text) => text.includes(REASON))).toBe(true);
    }
    expect(length).toBe(10);
  });

  it('is refused from clients', async () => {
    const long = JSON.stringify('x'.repeat(TOO_LONG));
    const refused = { code: 'INVALID_INPUT', message: expect.stringContaining(REASON) as string };

    await expect(hub.client.start({ name: 'Returns', input: long })).rejects.toMatchObject(refused);
    await expect(hub.client.raiseEvent('i', 'go', long)).rejects.toMatchObject(refused);
    await expect(hub.client.entities.signal('Notes', 'k', 'keep', long)).rejects.toMatchObject(
      refused,
    );
  });
});
