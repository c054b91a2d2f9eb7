/** GET /instances/{instanceId}/replay: what it answers, and when it cannot. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstanceReplayer } from '../../src/engine/examine/instance-replayer.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';
import { managementApp } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask/instances';

describe('GET /instances/{instanceId}/replay', () => {
  let app: SdkApp;
  let hub: SdkHub;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/changing.cjs');
    hub = new SdkHub(app.invoker);
    await hub.worker.start();
  });
  afterAll(async () => {
    await hub.worker.stop();
    await app.dispose();
  });

  function get(path: string, runsHub = true): Promise<Response> {
    const { backend, client } = hub;
    const replayer = new InstanceReplayer({ backend, invoker: app.invoker, settings: {} });
    const api = managementApp(client, { replayer: () => (runsHub ? replayer : undefined) });
    return Promise.resolve(api.request(`${BASE}/${path}`));
  }

  it('has the step at which the code of today differs', async () => {
    const input = { before: 'activity', after: 'timer', key: 'replay-route' };
    const id = await hub.start('Changes', input, 'order 7');
    const history = await hub.history(id, (events) => events.length > 6);
    process.env['CHANGED_replay-route'] = 'yes';

    const answer = await get('order%207/replay');

    const { reason, executionId, ...told } = (await answer.json()) as Record<string, unknown>;
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(reason).toMatch(/^Non-Deterministic workflow detected: /);
    expect(executionId).toMatch(/^[0-9a-f]{32}$/);
    expect(told).toEqual({
      instanceId: 'order 7',
      name: 'Changes',
      runtimeStatus: 'Running',
      isFinished: false,
      verdict: 'cannotContinue',
      step: {
        eventId: 0,
        index: 2,
        recorded: { kind: 'activity', name: 'First' },
        asked: { kind: 'timer' },
      },
      eventCount: history.length,
    });
  });

  it('is 404 for what is not there, and 501 for a hub of another app', async () => {
    await hub.start('Child', 1, 'child');
    await hub.ended('child');

    expect((await get('nobody/replay')).status).toBe(404);
    expect(await (await get('child/replay')).json()).toMatchObject({ verdict: 'same' });
    const refused = await get('child/replay', false);
    expect([refused.status, await refused.json()]).toEqual([
      501,
      { Message: "The app of this host does not run the hub 'Test'." },
    ]);
  });
});
