/** DELETE /hub: what it refuses, and that a host whose hub was deleted goes on with an empty one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardHub } from '../dashboard/dashboard-hub.ts';
import { openShopHub, startOrder } from '../dashboard/shop-hub.ts';
import { eventually } from '../support/eventually.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const URL = 'http://localhost:7071/runtime/webhooks/durabletask/hub';
const DELETE = { method: 'DELETE' };

async function told(answer: Response | Promise<Response>): Promise<readonly [number, unknown]> {
  const { status } = await answer;
  return [status, await (await answer).json()];
}

describe('DELETE /hub', () => {
  it('wants the name of the hub, as it is spelled', async () => {
    const { client, store } = memoryHub('Orders');
    putInstance(store, 'a', 'Running');
    const app = managementApp(client, { mayDeleteHub: true });

    for (const query of ['', '?name=orders', '?name=Other&force=true']) {
      const [status, body] = await told(app.request(`${URL}${query}`, DELETE));
      expect(status).toBe(400);
      expect(body).toMatchObject({ Message: expect.stringContaining('name=Orders') as string });
    }
    expect(store.instances.size).toBe(1);
    expect(await told(app.request(`${URL}?name=Orders`, DELETE))).toEqual([
      200,
      { taskHub: 'Orders', isCreatedAnew: false },
    ]);
    expect(store.instances.size).toBe(0);
  });

  it('is refused where the host does not offer what cannot be undone', async () => {
    const { client, store } = memoryHub('Orders');
    putInstance(store, 'a', 'Running');

    const answer = managementApp(client).request(`${URL}?name=Orders&force=true`, DELETE);

    const [status, body] = await told(answer);
    expect(status).toBe(403);
    expect(body).toMatchObject({
      Message: expect.stringContaining('dangerousOperations') as string,
    });
    expect(store.instances.size).toBe(1);
  });

  describe('on a hub with a worker', () => {
    let hub: DashboardHub;
    beforeAll(async () => {
      hub = await openShopHub();
    });
    afterAll(() => hub.stop());

    it('is refused, unless the caller insists; then the worker goes on with an empty hub', async () => {
      const app = managementApp(hub.client, {
        client: () => hub.client,
        replayer: () => hub.replayer,
        mayDeleteHub: true,
      });
      await startOrder(hub, 'waits', { needsApproval: true });
      await eventually(async () => (await statusOf('waits')) === 'Running');

      const [status, body] = await told(app.request(`${URL}?name=LocalHub`, DELETE));
      expect(status).toBe(409);
      expect(body).toMatchObject({
        Message: expect.stringMatching(/worker '.*' works on it\. .*force=true/) as string,
      });
      expect(await statusOf('waits')).toBe('Running');

      expect(await told(app.request(`${URL}?name=LocalHub&force=true`, DELETE))).toEqual([
        200,
        { taskHub: 'LocalHub', isCreatedAnew: true },
      ]);
      expect(await statusOf('waits')).toBeUndefined();
      await startOrder(hub, 'afterwards');
      await eventually(async () => (await statusOf('afterwards')) === 'Completed');
    });

    async function statusOf(id: string): Promise<string | undefined> {
      return (await hub.client.findStatus(id, { input: false }))?.runtimeStatus;
    }
  });
});
