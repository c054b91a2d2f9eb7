/** The dashboard on a hub in Azurite: the pages that differ by store, and that the others are served, too. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { LONG_MS } from '../support/patience.ts';
import { loadSdkApp } from '../support/sdk-app.ts';
import { HAS_BROWSER, NO_BROWSER, openBrowser, openPage } from './browser.ts';
import { API, HOSTILE, serveDashboard } from './dashboard-hub.ts';
import { startOrder } from './shop-hub.ts';
import { RunningFunctions } from '../../src/engine/running-functions.ts';

const suite = HAS_BROWSER
  ? 'the dashboard of a hub in Azure Storage'
  : `the dashboard of a hub in Azure Storage (skipped: ${NO_BROWSER})`;

describe.skipIf(!HAS_BROWSER)(suite, { timeout: LONG_MS }, () => {
  let browser: Browser;
  let hub: AzureHub;
  let server: Awaited<ReturnType<typeof serveDashboard>>;
  let app: Awaited<ReturnType<typeof loadSdkApp>>;

  beforeAll(async () => {
    [browser, app] = await Promise.all([
      openBrowser(),
      loadSdkApp('3.5.0', 'orchestrations/shop.cjs'),
    ]);
    hub = new AzureHub({}, { invoker: app.invoker });
    await hub.start();
    await startOrder(hub, 'order-1');
    await startOrder(hub, 'order-2', { card: 'declined' });
    await startOrder(hub, 'order-3', { pickUpInMs: 86_400_000 });
    await Promise.all([hub.ended('order-1'), hub.ended('order-2')]);
    await eventually(async () => {
      const history = await hub.client.readHistory('order-3-parcel');
      return history.some(({ EventType }) => EventType === 'TimerCreated') || undefined;
    });
    await hub.stop();
    // Nobody takes it.
    await startOrder(hub, 'order-4', { customer: HOSTILE });
    // That of a host which works on the hub, and runs nothing.
    const runningFunctions = new RunningFunctions({ now: Date.now });
    server = await serveDashboard(hub.client, { runningFunctions });
  }, LONG_MS);

  afterAll(async () => {
    await browser.close();
    await server.close();
    await hub.backend.deleteHub();
    await app.dispose();
  });

  const open = (hash: string): Promise<Page> =>
    openPage(browser, `${server.url}${API}/dashboard/#/${hash}`);

  it('shows what waits in its queues, and who does not read them', async () => {
    const page = await open('storage');

    const queue = page.getByRole('row').filter({ hasText: 'nobody' });
    await queue.getByText('control-00').waitFor();
    const message = page.getByRole('row').filter({ hasText: 'ExecutionStarted' });
    await message.getByRole('link', { name: 'order-4' }).waitFor();
    await page.getByText('storage does not show').waitFor();
    await message.getByRole('button').click();
    await page.getByRole('dialog').getByText('TaskMessage', { exact: true }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

    const { controlQueues } = await hub.client.readBacklog();
    expect(controlQueues[0]?.waiting).toBe(1);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
  });

  it('reads in histories what is due, and who calls what', async () => {
    const page = await open('timers');

    await page.getByRole('link', { name: 'order-3-parcel' }).waitFor();
    await page.getByText(/Read from the histories of \d instances that go on\./).waitFor();
    await page.getByRole('link', { name: 'Functions', exact: true }).click();
    const calls = page.getByRole('region', { name: 'ProcessOrder' });
    await calls
      .getByRole('row')
      .filter({ hasText: 'ReserveItem' })
      .getByText('9', { exact: true })
      .waitFor();
    expect(await calls.getByRole('row').filter({ hasText: 'revenue' }).count()).toBe(1);
  });

  it('has all other pages, too', async () => {
    const page = await open('instances');

    await page.getByRole('link', { name: 'order-1', exact: true }).click();
    await page.getByRole('region', { name: 'Timeline' }).getByText('ReserveItem').first().waitFor();
    for (const [link, text] of [
      ['Failures', /was declined/],
      ['Entities', /revenue/],
      ['Overview', /was declined/],
    ] as const) {
      await page.getByRole('link', { name: link, exact: true }).click();
      await page.getByText(text).first().waitFor();
    }
    await page.getByRole('link', { name: 'Entities' }).click();
    await page.getByRole('link', { name: 'revenue' }).click();
    await page.getByText('129.5').waitFor();
  });

  it('finds by text and parent, and has the tree of an instance', async () => {
    const page = await open('instances?text=declined');

    await page.getByText(/^\d instances were looked at: all that there are\./).waitFor();
    expect(await page.getByLabel(/^Choose/).count()).toBe(1);
    await page.getByLabel('Text in input').fill('');
    await page.getByLabel('Id of the instance that called it').fill('order-3');
    await page.getByRole('link', { name: 'order-3-parcel' }).click();
    const tree = page.getByRole('region', { name: 'Parents and children' });
    await tree.getByRole('link', { name: 'order-3', exact: true }).click();
    await page.getByRole('button', { name: 'Lanes of order-3-parcel' }).click();

    await page.getByRole('region', { name: 'Timeline' }).getByText('PrintLabel').waitFor();
  });

  it('deletes a hub that nobody works on', async () => {
    const page = await open('storage');

    await page.getByRole('button', { name: 'Delete …' }).click();
    await page.getByLabel('Type its name').fill(hub.client.taskHub);
    await page.getByRole('button', { name: 'Delete the hub' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    expect(await hub.backend.hubExists()).toBe(false);
  });
});
