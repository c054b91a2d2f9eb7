/** Ids that orchestrators give their children and entities: whatever storage can hold, and a clear failure for the rest. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { LIFECYCLE_APP } from '../support/lifecycle-app.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

let app: SdkApp;
let hub: AzureHub;
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
  hub = new AzureHub({}, { invoker: app.invoker });
  await hub.start();
});
afterAll(async () => {
  await hub.stop();
  await hub.backend.deleteHub();
  await app.dispose();
});

/** Has a child with this id echo a text. */
async function runChild(childId: string, text: string) {
  const input = JSON.stringify({ child: 'Echo', childId, input: text });
  return hub.ended(await hub.client.start({ name: 'Parent', input }));
}

/** Random ids have 32 digits. */
const isOfParent = (blobName: string): boolean => /^[0-9a-f]{32}\//.test(blobName);

/** More than a message or a row holds. */
const LONG_TEXT = 'z'.repeat(60_000);

describe('a sub-orchestration', () => {
  it.each([
    { what: '512 characters', childId: 'a'.repeat(512) },
    { what: '512 characters of three bytes', childId: 'ก'.repeat(512) },
    { what: '256 characters that take two each', childId: '/'.repeat(256) },
    { what: 'control characters', childId: 'x\u0000y\ty' },
    { what: 'what urls and filters give a meaning', childId: "a+b&c={d}%2F%zz o'x''? #.." },
    { what: 'parts that are dots', childId: 'a/../../b/.' },
  ])('may have an id of $what, with a long input too', async ({ childId }) => {
    for (const text of ['short', LONG_TEXT]) {
      const { runtimeStatus, output } = await runChild(childId, text);

      expect([runtimeStatus, output]).toEqual(['Completed', JSON.stringify(text)]);
      expect((await hub.client.findStatus(childId, { input: true }))?.input).toBe(output);
    }
    expect(await hub.client.purge(childId)).toBe(1);
    expect((await hub.payloadNames()).filter((name) => !isOfParent(name))).toEqual([]);
  });

  it.each([
    { childId: 'a'.repeat(513), why: 'must not exceed 512 characters' },
    { childId: '/'.repeat(257), why: 'must not exceed 512 characters' },
    { childId: 'x\ud800y', why: 'must not contain half of a surrogate pair' },
    { childId: '..', why: "must not be '.' or '..'" },
  ])('with an id that $why fails its parent', async ({ childId, why }) => {
    const { runtimeStatus, output } = await runChild(childId, LONG_TEXT);

    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(/^Orchestrator function 'Parent' failed: The instance ID /);
    expect(output).toContain(why);
    expect(await hub.messageCount()).toBe(0);
  });
});
