/** A hub of the shop (test/apps/orchestrations/shop.cjs), whose orders are in every state. */
import { InstanceLog } from '../../src/telemetry/instance-log.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { loadSdkApp } from '../support/sdk-app.ts';
import { openDashboardHub, type DashboardHub } from './dashboard-hub.ts';

export async function openShopHub(): Promise<DashboardHub> {
  const instanceLog = new InstanceLog({ next: silentLogger });
  const app = await loadSdkApp('3.5.0', 'orchestrations/shop.cjs', { log: instanceLog });
  return openDashboardHub({ invoker: app.invoker, instanceLog, dispose: () => app.dispose() });
}

export function startOrder(
  { client }: Pick<DashboardHub, 'client'>,
  id: string,
  changes: object = {},
): Promise<string> {
  const input = JSON.stringify({ ...ORDER, id, ...changes });
  return client.start({ name: 'ProcessOrder', instanceId: id, input });
}

/** Orders in every state, and a catalog that cannot be read. Resolves when all have got there. */
export async function fillShop(hub: Pick<DashboardHub, 'client'>): Promise<void> {
  const { client } = hub;
  const order = (id: string, changes: object = {}): Promise<string> => startOrder(hub, id, changes);
  await Promise.all([
    ...Array.from({ length: 12 }, (_, n) => order(`order-${1001 + n}`)),
    order('order-2001', { card: 'slow' }),
    order('order-2002', { card: 'declined' }),
    order('order-2003', { card: 'declined' }),
    order('order-2004', { needsApproval: true }),
    order('order-2005', { needsApproval: true }),
    order('order-2006', { needsApproval: true }),
    order('order-2007', { pickUpInMs: 86_400_000 }),
    ...[17, 40_121].map((line) =>
      client.start({ name: 'ImportCatalog', input: JSON.stringify({ line, name: 'spring.csv' }) }),
    ),
  ]);
  const reached = (id: string, status: string): Promise<true> =>
    eventually(
      async () =>
        (await client.findStatus(id, { input: false }))?.runtimeStatus === status
          ? true
          : undefined,
      { timeoutMs: 30_000 },
    );
  const isWaiting = (id: string, step: string): Promise<true> =>
    eventually(
      async () => {
        const status = await client.findStatus(id, { input: false });
        return status?.customStatus?.includes(step) === true ? true : undefined;
      },
      { timeoutMs: 30_000 },
    );
  await Promise.all([
    ...Array.from({ length: 12 }, (_, n) => reached(`order-${1001 + n}`, 'Completed')),
    reached('order-2001', 'Completed'),
    reached('order-2002', 'Failed'),
    reached('order-2003', 'Failed'),
    ...['4', '5', '6'].map((n) => isWaiting(`order-200${n}`, 'approval')),
    isWaiting('order-2007', 'shipping'),
  ]);
  await client.suspend('order-2005', 'the customer asked for it');
  await client.terminate('order-2006', 'cancelled');
  await reached('order-2005', 'Suspended');
  await reached('order-2006', 'Terminated');
}

const ORDER = {
  customer: { name: 'Ada Lovelace', city: 'London' },
  items: ['lamp', 'teapot', 'chair'],
  total: 129.5,
  account: 1,
};
