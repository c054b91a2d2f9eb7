/** GET /instances/{instanceId}/logs, on a hub whose app logs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardHub } from '../dashboard/dashboard-hub.ts';
import { openShopHub, startOrder } from '../dashboard/shop-hub.ts';
import { eventually } from '../support/eventually.ts';
import { managementApp, memoryHub } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask/instances';

describe('GET /instances/{instanceId}/logs', () => {
  let hub: DashboardHub;
  beforeAll(async () => {
    hub = await openShopHub();
  });
  afterAll(() => hub.stop());

  it('has what the host and the functions have said about the instance, and no other', async () => {
    await startOrder(hub, 'logged');
    await startOrder(hub, 'other', { card: 'declined' });
    for (const id of ['logged', 'other']) {
      await eventually(async () => {
        const status = (await hub.client.findStatus(id, { input: false }))?.runtimeStatus;
        return status === 'Completed' || status === 'Failed';
      });
    }
    const api = managementApp(hub.client, { instanceLog: () => hub.instanceLog });

    const answer = await api.request(`${BASE}/logged/logs`);

    const { lines, since } = (await answer.json()) as Answer;
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.parse(lines[0]?.time ?? ''));
    const messages = lines.map(({ category, message }) => `${category}: ${message}`);
    expect(messages).toContain('Function.ProcessOrder.User: charging 129.5');
    expect(messages).toContain('Function.ChargeCard.User: calls the bank for logged');
    expect(messages.join('\n')).toMatch(/Function 'ProcessOrder \(Orchestrator\)' completed/);
    expect(messages.join('\n')).not.toContain('other');
    const etag = answer.headers.get('etag') ?? '';
    const again = await api.request(`${BASE}/logged/logs`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(await (await api.request(`${BASE}/nobody/logs`)).json()).toEqual({ since, lines: [] });
  });

  it('is 501 for a hub that the host does not work on', async () => {
    const answer = await managementApp(memoryHub('Other').client).request(`${BASE}/a/logs`);

    expect([answer.status, await answer.json()]).toEqual([
      501,
      { Message: "This host keeps no lines about instances of 'Other'." },
    ]);
  });
});

interface Answer {
  readonly since: string;
  readonly lines: readonly {
    readonly time: string;
    readonly category: string;
    readonly message: string;
  }[];
}
