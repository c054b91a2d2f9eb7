/** What surrounds an instance, in a real browser: replay, children, parents, messages, logs; and what searches and deletes a hub. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { LONG_MS } from '../support/patience.ts';
import {
  DESKTOP,
  expectNoViolations,
  HAS_BROWSER,
  NO_BROWSER,
  openBrowser,
  openPage,
  PHONE,
  picture,
  PICTURES,
} from './browser.ts';
import { API, HOSTILE, type DashboardHub } from './dashboard-hub.ts';
import { openShopHub, startOrder } from './shop-hub.ts';

const suite = HAS_BROWSER
  ? 'the page of an instance'
  : `the page of an instance (skipped: ${NO_BROWSER})`;

describe.skipIf(!HAS_BROWSER)(suite, { timeout: LONG_MS }, () => {
  let browser: Browser;
  let hub: DashboardHub;
  let url: string;

  beforeAll(async () => {
    [browser, hub] = await Promise.all([openBrowser(), openShopHub()]);
    url = await hub.serve();
    await startOrder(hub, 'order-1', { card: 'slow' });
    await startOrder(hub, 'order-2', { needsApproval: true });
    await hub.client.start({ name: 'RefundOrder', instanceId: 'refund-1', input: '{"id":"1"}' });
    await reached(hub, 'order-1', 'Completed');
    await eventually(async () => (await hub.client.readHistory('refund-1')).length > 6);
  }, LONG_MS);

  afterAll(async () => {
    await browser.close();
    await hub.stop();
  });

  const open = (address: string, options?: Parameters<typeof openPage>[2]): Promise<Page> =>
    openPage(browser, address, options);
  const at = (hash: string): string => `${url}${API}/dashboard/#/${hash}`;
  const card = (page: Page, name: string) => page.getByRole('region', { name });
  const lanes = (page: Page) => card(page, 'Timeline').getByRole('row');
  const replay = (page: Page) => page.getByRole('button', { name: /^Replay/ });

  function changeRefunds(): void {
    process.env['SHOP_REFUNDS_LATER'] = '1';
    onTestFinished(() => {
      delete process.env['SHOP_REFUNDS_LATER'];
    });
  }

  it('says that today’s code goes on, and at which step it does not when it was changed', async () => {
    const page = await open(at('instances/refund-1'));

    await replay(page).click();
    await page.getByText('the instance goes on with it').waitFor();
    changeRefunds();
    await replay(page).click();
    const told = card(page, 'Replay');
    await told.getByText('Cannot go on', { exact: true }).waitFor();
    await told.getByText('the activity RefundCard (event 2)').waitFor();
    await told.getByText('a timer', { exact: true }).waitFor();
    const row = card(page, 'History').getByRole('row').filter({ hasText: 'today’s code: a timer' });
    await picture(page, 'replay-light');

    expect(await row.innerText()).toContain('TaskScheduled');
    await lanes(page).filter({ hasText: 'RefundCard' }).getByText('differs today').waitFor();
    await told.getByRole('button', { name: 'Show event 2' }).click();
    await page.getByRole('dialog').getByText('"RefundCard"').waitFor();
  });

  it('has a request and its answer in one row of the history, as the address says', async () => {
    const page = await open(at('instances/order-1'));
    const history = card(page, 'History');
    const rows = history.getByRole('row');

    await rows.filter({ hasText: 'TaskCompleted' }).first().waitFor();
    await page.getByRole('button', { name: 'Merged' }).click();
    const charged = rows.filter({ hasText: 'ChargeCard' });
    await charged.filter({ hasText: 'The bank does not answer' }).first().waitFor();
    expect(new URL(page.url()).hash).toBe('#/instances/order-1?history=merged');
    expect(await rows.filter({ hasText: 'TaskCompleted' }).count()).toBe(0);
    await page.reload();
    await charged.last().waitFor();
    expect(await charged.last().innerText()).toMatch(/Activity\s+\d+ ms[^]*charged/);
    await charged.last().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^Event \d+, TaskScheduled$/).waitFor();
    await dialog.getByText(/^Event \d+, TaskCompleted$/).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await expectNoViolations(page);
    await page.getByRole('button', { name: 'Raw' }).click();

    await rows.filter({ hasText: 'TaskCompleted' }).first().waitFor();
    expect(new URL(page.url()).hash).toBe('#/instances/order-1');
  });

  it('says why nothing was replayed', async () => {
    const page = await open(at('instances/refund-1'), { expected: /501/ });
    await page.route('**/replay', (route) =>
      route.fulfill({ status: 501, body: '{"Message":"Not here."}' }),
    );

    await replay(page).click();

    await page.getByRole('alert').getByText('Not here.').waitFor();
  });

  it('opens a child in place, with events of its own, and the tree of all', async () => {
    const page = await open(at('instances/order-1'));

    await page.getByRole('button', { name: 'Lanes of order-1-parcel' }).click();
    const inner = lanes(page).filter({ hasText: 'PrintLabel' });
    await inner.waitFor();
    await picture(card(page, 'Timeline'), 'children-light');
    await inner.locator('.lane-spans').click();
    await page.getByRole('dialog').getByText('"PrintLabel"').waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Lanes of order-1-parcel' }).click();
    await inner.waitFor({ state: 'detached' });
    const tree = card(page, 'Parents and children');
    await tree.getByRole('button', { name: 'Children of order-1-parcel' }).click();
    await tree.getByText('It has called no other.').waitFor();
    await tree.getByRole('link', { name: 'order-1-parcel' }).click();

    await page.getByRole('heading', { name: 'order-1-parcel' }).waitFor();
    await tree.getByRole('link', { name: 'order-1', exact: true }).waitFor();
    expect(await tree.getByRole('listitem').first().innerText()).toMatch(/Completed\s+order-1\s/);
  });

  it('opens and closes a child by the keys', async () => {
    const page = await open(at('instances/order-1'));

    await lanes(page).filter({ hasText: 'ShipParcel' }).waitFor();
    const labels = await lanes(page).allInnerTexts();
    await card(page, 'Timeline').getByRole('grid').focus();
    for (let n = 0; n <= labels.findIndex((text) => text.includes('ShipParcel')); n++) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('ArrowRight');
    await lanes(page).filter({ hasText: 'PrintLabel' }).waitFor();
    await page.keyboard.press('ArrowLeft');

    await lanes(page).filter({ hasText: 'PrintLabel' }).waitFor({ state: 'detached' });
  });

  it('draws who asks whom for what, and leads to the event', async () => {
    const page = await open(at('instances/order-1'));

    await page.getByText('Sequence diagram').click();
    const diagram = page.getByRole('group', { name: 'Sequence diagram' });
    await diagram.getByText('ReserveItem').waitFor();
    expect(await diagram.locator('.message-failure').count()).toBe(2);
    const reserved = diagram.locator('.message').filter({ hasText: '3 ×' }).first();
    await page.mouse.move(0, 0);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      const whole = page.getByRole('group', { name: 'Sequence', exact: true });
      await picture(whole, `sequence-${colorScheme}`);
    }
    await reserved.click();

    await page.getByRole('dialog').getByText('"ReserveItem"').waitFor();
  });

  it('draws the first hundred messages of many, and says so', async () => {
    const page = await open('about:blank');
    await page.route('**/history?*', (route) => route.fulfill({ json: longHistory(300) }));
    await page.goto(at('instances/order-1'));

    await page.getByText('Sequence diagram').click();
    await page.getByText('The first 100 of 600 messages.').waitFor();
    expect(await page.locator('.message').count()).toBe(100);
    await page.getByRole('button', { name: 'Show 500 more' }).click();

    await page.locator('.message').nth(599).waitFor();
  });

  it('says what a rewind does again, before it is done', async () => {
    await startOrder(hub, 'declined', { card: 'declined' });
    await hub.client.start({ name: 'RepeatTexts', instanceId: 'thrown', input: '[]' });
    for (const id of ['declined', 'thrown']) await reached(hub, id, 'Failed');
    const page = await open(at('instances/declined'));

    await page.getByRole('toolbar').getByRole('button', { name: 'Rewind' }).click();
    const plan = page.getByRole('dialog').getByRole('region', { name: 'What is done again' });
    await plan.getByText('One activity runs again:').waitFor();
    expect(await plan.getByRole('listitem').allInnerTexts()).toEqual(['ChargeCard']);
    await expectNoViolations(page);
    await page.goto(at('instances/thrown'));
    await page.getByRole('toolbar').getByRole('button', { name: 'Rewind' }).click();

    await plan.getByText('No activity runs again').waitFor();
  });

  it('has what the host has logged, and says what it has not', async () => {
    const page = await open(at('instances/order-1'));

    await page.getByText('Logs of this host').click();
    const logs = page.getByRole('group', { name: 'Logs' });
    await logs.getByText('charging 129.5').waitFor();
    await logs.getByText('other workers, and what was before, are in the log of the app').waitFor();
    await picture(logs, 'logs-light');
    await page.route('**/logs?*', (route) =>
      route.fulfill({ json: { since: '2026-01-01T00:00:00.000Z', lines: [] } }),
    );

    await logs.getByText('This host has logged nothing about this instance').waitFor();
    expect(await logs.getByRole('listitem').count()).toBe(0);
  });

  it('finds by text, duration and parent, as the address says, and looks on when it is told to', async () => {
    const page = await open(at('instances'));

    await page.getByRole('button', { name: 'More' }).click();
    await page.getByLabel('Text in input').fill('KETTLE');
    await page.getByText('No instance matches this filter.').waitFor();
    await startOrder(hub, 'order-3', { items: ['kettle'] });
    await page.getByRole('button', { name: 'Search anew' }).click();
    await page.getByRole('link', { name: 'order-3', exact: true }).waitFor();
    await page.getByLabel('Lasted at most').fill('soon');
    await page.locator('#shorter[aria-invalid=true]').waitFor();
    await page.getByLabel('Lasted at most').fill('5 min');
    await page.getByLabel('Text in input').fill('');
    await page.getByLabel('Id of the instance that called it').fill('order-1');
    await page.getByRole('link', { name: 'order-1-parcel' }).waitFor();
    await page.waitForURL(/shorter=5\+min&parent=order-1$/);
    await page.reload();

    await page.getByText(/instances were looked at: all that there are\./).waitFor();
    expect(await page.getByLabel(/^Choose/).count()).toBe(1);
    expect(await page.getByLabel('Lasted at most').inputValue()).toBe('5 min');
  });

  it('says how many it has looked at, and steers what a search finds', async () => {
    const page = await open('about:blank');
    const asked: string[] = [];
    await page.route('**/search?*', (route) => {
      const { searchParams } = new URL(route.request().url());
      asked.push(searchParams.get('text') ?? '');
      searchParams.set('top', '1');
      return route.continue({
        url: `${new URL(route.request().url()).origin}${API}/search?${searchParams.toString()}`,
      });
    });
    await page.goto(at('instances?text=lamp'));

    await page.getByText('1 instance was looked at, one by one; there are more.').waitFor();
    await page.getByRole('button', { name: 'Look at 1,000 more' }).click();
    await page.getByText('2 instances were looked at').waitFor();
    expect(asked).toEqual(['lamp', 'lamp']);
    await page.goto(at('instances?text=lamp&prefix=order-2'));
    await page.getByRole('link', { name: 'order-2', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Steer all that match …' }).click();

    await page.getByText(/1 found, none changed yet\. 1 instance was looked at\./).waitFor();
    await page.getByRole('button', { name: 'Terminate 1 …' }).waitFor();
  });

  it('keeps filters by name, and forgets them', async () => {
    const page = await open(at('instances?status=Failed&text=lamp'));
    const views = page.locator('summary').filter({ hasText: 'Views' });

    await views.click();
    await page.getByLabel('Save this filter as').fill(HOSTILE.slice(0, 60));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: HOSTILE.slice(0, 60) }).waitFor();
    await page.goto(at('instances'));
    await page.reload();
    await views.click();
    await picture(page, 'views-light');
    await page.getByRole('link', { name: HOSTILE.slice(0, 60) }).click();
    await page.waitForURL(/#\/instances\?status=Failed&text=lamp$/);
    expect(await page.getByLabel('Text in input').inputValue()).toBe('lamp');
    await views.click();
    await page.getByRole('button', { name: /^Delete the view/ }).click();
    await page.reload();
    await views.click();

    await page.getByText('A view is a filter under a name.').waitFor();
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
  });

  it('shows texts as texts, however long, and whichever way they are read', async () => {
    const texts = [HOSTILE, `word${'a'.repeat(10_000)}`, RIGHT_TO_LEFT, '\u0000\u001b[31m‮turned'];
    const input = JSON.stringify(texts);
    const id = HOSTILE.replaceAll('/', '');
    await hub.client.start({ name: 'RepeatTexts', instanceId: id, input });
    for (const text of texts) await hub.client.raiseEvent(id, text, JSON.stringify(text));
    await reached(hub, id, 'Failed');

    for (const viewport of [DESKTOP, PHONE]) {
      const page = await open(at(`instances/${encodeURIComponent(id)}`), { viewport });
      await page.getByText('Sequence diagram').click();
      await page.getByText('Logs of this host').click();
      await page.getByRole('button', { name: `Lanes of ${id}-child` }).click();
      await replay(page).click();
      await page.getByRole('list', { name: 'Lines' }).getByText(HOSTILE, { exact: true }).waitFor();
      await page.getByText('would end the same way').waitFor();
      await expectNoOverflow(page);
      const tree = card(page, 'Parents and children');
      await tree.getByRole('button', { name: `Children of ${id}-child` }).click();
      await tree.getByRole('link', { name: `${id}-child` }).click();
      await tree.getByRole('link', { name: id, exact: true }).waitFor();
      await expectNoOverflow(page);
      const search = encodeURIComponent(HOSTILE);
      await page.goto(at(`instances?text=${search}&parent=${'p'.repeat(900)}&longer=${search}`));
      await page.getByText('No instance matches this filter.').waitFor();
      await expectNoOverflow(page);
      expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    }
  });

  it('deletes the hub, for who types its name, also while a host works on it', async () => {
    const other = await openShopHub();
    onTestFinished(() => other.stop());
    await startOrder(other, 'gone', { needsApproval: true });
    await reached(other, 'gone', 'Running');
    const page = await open(`${await other.serve()}${API}/dashboard/#/storage`, {
      expected: /409/,
    });

    await card(page, 'Delete the task hub').getByRole('button').click();
    const dialog = page.getByRole('dialog');
    const send = dialog.getByRole('button', { name: 'Delete the hub' });
    await dialog.getByLabel('Type its name').fill('localhub');
    expect(await send.isDisabled()).toBe(true);
    await dialog.getByLabel('Type its name').fill('LocalHub');
    await send.click();
    await dialog
      .getByRole('alert')
      .getByText(/is in use, and nothing was deleted/)
      .waitFor();
    expect((await other.client.findStatus('gone', { input: false }))?.runtimeStatus).toBe(
      'Running',
    );
    await expectNoViolations(page);
    await picture(page, 'delete-hub-light');
    await dialog.getByLabel('Delete it although a host works on it').check();
    await send.click();
    await dialog.waitFor({ state: 'detached' });

    expect(await other.client.findStatus('gone', { input: false })).toBeUndefined();
    await startOrder(other, 'anew');
    await reached(other, 'anew', 'Completed');
  });

  it('can be used by everybody, light and dark, and on a phone, with all of it open', async () => {
    changeRefunds();
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const viewport of [DESKTOP, PHONE]) {
        // everybody.test.ts looks at the others.
        const isSeen = colorScheme === 'dark' && viewport === PHONE;
        if (!isSeen && PICTURES === undefined) continue;
        const end = `${colorScheme}${viewport === PHONE ? '-phone' : ''}`;
        const page = await open(at('instances/order-1'), { colorScheme, viewport });
        await page.getByText('Sequence diagram').click();
        await page.getByText('Logs of this host').click();
        await page.getByRole('button', { name: 'Lanes of order-1-parcel' }).click();
        await page.getByText('charging 129.5').waitFor();
        await expectNoViolations(page);
        await expectNoOverflow(page);
        await page.goto(at('instances/refund-1'));
        await replay(page).click();
        await page.getByText('Cannot go on', { exact: true }).waitFor();
        await expectNoViolations(page);
        await expectNoOverflow(page);
        await picture(page, `replay-${end}`);
        await page.goto(at('instances?text=lamp'));
        await page.getByText('instances were looked at').waitFor();
        await page.locator('summary').filter({ hasText: 'Views' }).click();
        await expectNoViolations(page);
        await picture(page, `search-${end}`);
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', { name: 'A page, or how' }).fill('order');
        await page.getByRole('dialog').getByRole('option', { name: 'order-1' }).first().waitFor();
        await expectNoViolations(page);
        await picture(page, `palette-${end}`);
      }
    }
  });
});

const RIGHT_TO_LEFT = 'مرحبا بالعالم שלום עולם';

async function reached(hub: DashboardHub, id: string, status: string): Promise<void> {
  await eventually(
    async () => (await hub.client.findStatus(id, { input: false }))?.runtimeStatus === status,
    { timeoutMs: 30_000 },
  );
}

/** That nothing makes the page itself wider than the screen. */
async function expectNoOverflow(page: Page): Promise<void> {
  const wider = await page.evaluate<readonly string[]>(`
    [document.documentElement, document.querySelector('main')]
      .filter((each) => each.scrollWidth > each.clientWidth + 1)
      .map((each) => each.localName + ' ' + each.scrollWidth + ' > ' + each.clientWidth)
  `);
  expect(wider).toEqual([]);
}

function longHistory(calls: number): object {
  const common = { IsPlayed: false, Timestamp: '2026-01-01T00:00:00Z' };
  const events = Array.from({ length: calls }, (_, n) => [
    { ...common, EventType: 'TaskScheduled', EventId: n, Name: 'Step', Input: `[${n}]` },
    { ...common, EventType: 'TaskCompleted', EventId: -1, TaskScheduledId: n, Result: `${n}` },
  ]).flat();
  return { executionId: 'e', total: events.length, from: 0, events };
}
