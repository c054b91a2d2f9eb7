/** The dashboard in a real browser, on a hub with a worker. One browser and one hub for all of it: they are dear. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WEBHOOK_KEY } from '../../src/http/management/management-access.ts';
import { openTestRing } from '../http/secrets-in-memory.ts';
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
import { fillShop, openShopHub, startOrder } from './shop-hub.ts';

const suite = HAS_BROWSER ? 'the dashboard' : `the dashboard (skipped: ${NO_BROWSER})`;

describe.skipIf(!HAS_BROWSER)(suite, { timeout: LONG_MS }, () => {
  let browser: Browser;
  let hub: DashboardHub;
  let url: string;

  beforeAll(async () => {
    [browser, hub] = await Promise.all([openBrowser(), openShopHub()]);
    url = await hub.serve();
    await fillShop(hub);
  }, LONG_MS);

  afterAll(async () => {
    await browser.close();
    await hub.stop();
  });

  const open = (address: string, options?: Parameters<typeof openPage>[2]): Promise<Page> =>
    openPage(browser, address, options);

  const lockOf = async (key: string): Promise<string | null | undefined> =>
    (await hub.client.entities.readStatus('Revenue', key))?.lockedBy;
  const at = (hash: string): string => `${url}${API}/dashboard/#/${hash}`;
  const row = (page: Page, id: string) => page.getByRole('row').filter({ hasText: id });

  it('lists the instances, finds some of them, and has the filter in its address', async () => {
    const page = await open(at('instances'));

    await row(page, 'order-2004').waitFor();
    await page.getByRole('button', { name: 'Failed' }).click();
    await row(page, 'order-2004').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('order-2');
    await row(page, 'ImportCatalog').first().waitFor({ state: 'detached' });

    expect(new URL(page.url()).hash).toBe('#/instances?status=Failed&prefix=order-2');
    await eventually(async () => (await row(page, 'order-').count()) === 2);
    await page.reload();
    await row(page, 'order-2002').waitFor();
    expect(await page.getByRole('button', { name: 'Failed' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
  });

  it('comes back to the row that was opened, with the keys', async () => {
    const page = await open(at('instances'), { viewport: { width: 1280, height: 420 } });
    const list = page.getByRole('grid');
    await list.press('End');
    const rowIds = page.locator('.row.is-active');
    const last = await rowIds.getAttribute('id');
    await list.press('Enter');
    await page.waitForURL(/#\/instances\/./);
    await page.locator('#instances').waitFor({ state: 'detached' });

    await page.goBack();

    await rowIds.waitFor();
    expect(await rowIds.getAttribute('id')).toBe(last);
    await eventually(() =>
      page.evaluate<boolean>(`(() => {
        const [row, box] = ['.row.is-active', '.virtual'].map((each) =>
          document.querySelector(each).getBoundingClientRect());
        return row.top >= box.top && row.bottom <= box.bottom + 1;
      })()`),
    );
    await page.keyboard.press('ArrowUp');
    await page.locator(`.row:not(#${last}).is-active`).waitFor();

    // What is typed later stays where it is typed, also when the rows go and come again.
    await page.keyboard.press('/');
    await page.keyboard.type('nothing-of-the-kind');
    await page.getByText('No instance matches').waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('order-2');
    await row(page, 'order-2004').waitFor();
    expect(await page.evaluate('document.activeElement.localName')).toBe('input');
  });

  it.each(['overview', 'functions', 'timers', 'storage'])(
    'has room for the tables of %s on a small screen',
    async (name) => {
      const page = await open(at(name), { viewport: { width: 820, height: 1180 } });
      await page.locator('td').first().waitFor();

      expect(
        await page.evaluate<readonly string[]>(`
          [...document.querySelectorAll('.table')]
            .filter((each) => each.scrollWidth > each.clientWidth + 1)
            .map((each) => each.ariaLabel + ' ' + each.scrollWidth + ' > ' + each.clientWidth)
        `),
      ).toEqual([]);
    },
  );

  it('hears from the host what changes, and looks for itself where it is refused', async () => {
    const page = await open('about:blank');
    await page.clock.install();
    const followed = page.waitForResponse('**/events');
    await page.goto(at('instances?prefix=live-'));
    expect((await followed).status()).toBe(200);
    await page.getByText('No instance matches').waitFor();
    await startOrder(hub, 'live-1');
    // Less than the 15 seconds after which it would look in any case.
    await eventually(async () => {
      await page.clock.runFor(20);
      return await page.getByLabel('Choose live-1', { exact: true }).isVisible();
    });

    const ended = page.waitForEvent('requestfailed');
    await page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    expect((await ended).url()).toMatch(/\/events$/);

    const other = await open('about:blank', { expected: /503/ });
    await other.route('**/events', (route) => route.fulfill({ status: 503, body: '{}' }));
    await other.goto(at('instances?prefix=live-2'));
    await other.getByText('No instance matches').waitFor();
    await startOrder(hub, 'live-2');
    await other.getByLabel('Choose live-2', { exact: true }).waitFor();
  });

  it('terminates what is chosen, and tells what became of each', async () => {
    const ids = ['bulk-1', 'bulk-2'];
    for (const id of ids) await startOrder(hub, id, { needsApproval: true });
    for (const id of ids) await eventually(async () => (await statusOf(id)) === 'Running');
    const page = await open(at('instances?prefix=bulk-'), { expected: /410/ });

    await page.getByRole('button', { name: 'Live' }).click();
    for (const id of ids) await page.getByLabel(`Choose ${id}`, { exact: true }).check();
    await hub.client.terminate('bulk-2', 'somebody was quicker');
    await eventually(async () => (await statusOf('bulk-2')) === 'Terminated');
    await page.getByRole('toolbar').getByRole('button', { name: 'Terminate' }).click();
    await page.getByLabel('Reason, for the history').fill('a <b>reason</b>');
    await page.getByRole('button', { name: 'Terminate 2' }).click();
    await page.getByText('1 of 2 terminated, 1 not').waitFor();
    await picture(page, 'bulk');

    expect(await page.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^bulk-2\s+The instance has ended already\.$/),
      expect.stringMatching(/^bulk-1\s+terminated$/),
    ]);
    await eventually(async () => (await statusOf('bulk-1')) === 'Terminated');
    const ended = await hub.client.findStatus('bulk-1', { input: false });
    expect(ended?.output).toBe('a <b>reason</b>');
  });

  it('steers all that match the filter, loaded or not', async () => {
    const ids = ['match-1', 'match-2', 'match-3'];
    for (const id of ids) await startOrder(hub, id, { needsApproval: true });
    for (const id of ids) await eventually(async () => (await statusOf(id)) === 'Running');
    const page = await open(at('instances?prefix=match-'));
    await page.route(/top=1000/, (route) =>
      route.continue({ url: route.request().url().replace('top=1000', 'top=1') }),
    );

    await page.getByRole('button', { name: 'Steer all that match …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('3 found, none changed yet.').waitFor();
    await picture(page, 'match');
    await dialog.getByRole('button', { name: 'Suspend 3 …' }).click();
    await dialog.getByRole('button', { name: 'Suspend 3' }).click();
    await dialog.getByText('3 of 3 suspended').waitFor();

    for (const id of ids) await eventually(async () => (await statusOf(id)) === 'Suspended');
  });

  it('restarts an instance under an id of your choice, with another input', async () => {
    const page = await open(at('instances/order-1001'));

    await page.getByRole('toolbar').getByRole('button', { name: 'Restart' }).click();
    await page.getByLabel('under an id of your choice').check();
    await page.getByLabel('Id', { exact: true }).fill('again-1');
    const input = page.getByLabel('Input, as JSON');
    const changed = (await input.inputValue()).replace('"teapot"', '"kettle"');
    await input.fill('no JSON');
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await page.getByText(/is not valid JSON/).waitFor();
    await input.fill(changed);
    await picture(page, 'restart');
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await page.getByRole('heading', { name: 'again-1' }).waitFor();

    const started = await hub.client.findStatus('again-1', { input: true });
    expect(JSON.parse(started?.input ?? '')).toMatchObject({ items: ['lamp', 'kettle', 'chair'] });
  });

  async function statusOf(instanceId: string): Promise<string | undefined> {
    return (await hub.client.findStatus(instanceId, { input: false }))?.runtimeStatus;
  }

  it('shows an instance, and raises the event that it waits for', async () => {
    const page = await open(at('instances/order-2004'));

    await page.getByText('"Ada Lovelace"', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Raise event' }).click();
    await page.getByLabel('Name').fill('Approval');
    await page.getByLabel('Data, as JSON').fill('{"by": "Grace"}');
    await page.getByText('As a command').click();
    await page
      .getByText(
        `func durable raise-event --id order-2004 --event-name Approval --event-data '{"by": "Grace"}'`,
      )
      .waitFor();
    await page.getByRole('button', { name: 'Raise', exact: true }).click();

    await page.locator('.page-head').getByText('Completed').waitFor();
    expect(await statusOf('order-2004')).toBe('Completed');
  });

  it('shows why an instance has failed as a text to read, and all that is stored of it', async () => {
    const page = await open(at('instances/order-2002'));
    const failure = page.getByRole('region', { name: 'Failure' });

    await failure
      .getByText(/^Orchestrator function 'ProcessOrder' failed: .+ was declined$/)
      .waitFor();
    await failure.getByText('All that is stored').click();
    await failure.getByText('StackTrace').waitFor();
    await expectNoViolations(page);
  });

  it('says of an instance that there is none, to everybody', async () => {
    const page = await open(at('instances/nobody'), { expected: /404/ });

    await page.getByRole('heading', { name: 'nobody' }).waitFor();
    await page.getByText('It is not there').waitFor();
    await expectNoViolations(page);
  });

  it('shows what happened in an instance, try by try, and each event as it is stored', async () => {
    const page = await open(at('instances/order-2001'));

    const charge = page.getByRole('row').filter({ hasText: 'ChargeCard' }).first();
    await charge.getByText('3 tries').waitFor();
    expect(await charge.locator('.span-failed').count()).toBe(2);
    expect(await charge.locator('.span-running').count()).toBe(1);
    await picture(page.getByRole('region', { name: 'Timeline' }), 'timeline');
    await page.getByRole('row').filter({ hasText: 'The bank does not answer' }).first().click();
    await page.getByRole('dialog').getByText('TaskScheduledId').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'ShipParcel' }).click();

    await page.getByRole('link', { name: 'order-2001', exact: true }).first().waitFor();
    expect(new URL(page.url()).hash).toBe('#/instances/order-2001-parcel');
  });

  it('names entities that somebody has kept to himself for long', async () => {
    const start = { name: 'AuditBooks', instanceId: 'audit-7', input: '"books"' };
    await hub.client.start(start);
    await eventually(async () => (await lockOf('books')) === 'audit-7');
    const page = await open('about:blank');
    await page.clock.setSystemTime(Date.now() + 2 * 60_000);
    await page.goto(at('overview'));

    const attention = page.getByRole('region', { name: 'Needs attention' });
    await attention.getByText('Locked for more than a minute').waitFor();
    await attention.getByRole('link', { name: 'audit-7' }).waitFor();
    await attention.getByRole('link', { name: 'revenue books' }).click();
    await page.getByText('Locked by').waitFor();
    await hub.client.raiseEvent('audit-7', 'Audited', null);
    await eventually(async () => (await lockOf('books')) === null);
  });

  it('says when the address names no page', async () => {
    const page = await open(at('nowhere/order-1'));

    await page.getByRole('heading', { name: 'No such page' }).waitFor();
    await expectNoViolations(page);
    await page.getByRole('main').getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('region', { name: 'Needs attention' }).waitFor();
  });

  it('shows what needs attention, and rewinds all that failed of one cause', async () => {
    const page = await open(`${url}/dashboard`);

    const attention = page.getByRole('region', { name: 'Needs attention' });
    await attention.getByText('order-2005').waitFor();
    await attention.getByText('Cannot read line').click();
    const group = page.getByRole('article').filter({ hasText: 'Cannot read line' });
    expect(await group.locator('.failure-count').innerText()).toBe('2');
    expect(await group.locator('.failure-place').innerText()).toMatch(
      /^at ReadCatalog \(…\/orchestrations\/shop\.cjs:\d+:\d+\)$/,
    );
    await group.getByRole('img', { name: 'in 1 of 24 parts of it, at most 2 in one' }).waitFor();
    await group.getByRole('button', { name: 'Rewind 2' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rewind 2' }).click();
    await page.getByText('2 of 2 rewound').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();

    const ids = (await hub.client.list({ ...LISTED, name: 'ImportCatalog' })).instances;
    for (const { instanceId } of ids) {
      await eventually(async () => {
        const history = await hub.client.readHistory(instanceId);
        // What has failed is no more than a note, once it was rewound.
        return history.some(({ EventType }) => EventType === 'GenericEvent');
      });
    }
    expect(ids).toHaveLength(2);
  });

  it('tells how long the instances of an orchestrator waited for their first step', async () => {
    const page = await open(at('overview'));
    const table = page.getByRole('region', { name: 'Orchestrators' });
    const waits = table.getByRole('row').filter({ hasText: 'ProcessOrder' }).getByRole('cell');

    await table.getByText(/waits of the latest \d+/).waitFor();

    for (const column of [3, 4]) {
      expect(await waits.nth(column).innerText()).toMatch(/^[\d.]+ m?s\s+wait [\d.]+ m?s$/);
    }
  });

  it('shows what the process executes now', async () => {
    const page = await open(at('overview'));
    const card = page.getByRole('region', { name: 'Running now' });

    await card.getByText('No function is executed at the moment.').waitFor();
    await startOrder(hub, 'slow-bank', { bankTakesMs: 8_000 });
    const row = card.getByRole('row').filter({ hasText: 'ChargeCard' });
    await row.getByRole('link', { name: 'slow-bank' }).waitFor();
    await card.getByText('1 in this process').waitFor();

    await eventually(async () => (await statusOf('slow-bank')) === 'Completed', SLOW);
    await card.getByText('No function is executed at the moment.').waitFor();
  });

  it('shows a part of the time alone, when somebody draws over it', async () => {
    const page = await open(at('overview'));
    const chart = page.getByRole('region', { name: 'Throughput' }).locator('svg');
    const completed = page.locator('.tile.status-Completed strong');
    const draw = async (from: number, to: number): Promise<void> => {
      const { x, y, width, height } = (await chart.boundingBox()) ?? DESKTOP_BOX;
      await page.mouse.move(x + from * width, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + to * width, y + height / 2, { steps: 4 });
      await page.mouse.up();
    };

    await eventually(async () => Number(await completed.innerText()) > 0);
    await draw(0.2, 0.6);
    await page.waitForURL(/#\/overview\?from=.+&to=.+/);
    await eventually(async () => (await completed.innerText()) === '0');
    await page.getByRole('link', { name: 'Zoom out' }).click();
    await eventually(async () => Number(await completed.innerText()) > 0);
    await draw(0.999, 0.7);
    await page.waitForURL(/from=/);
    await page.reload();
    await eventually(async () => Number(await completed.innerText()) > 0);
    await page.locator('.tile.status-Completed').click();
    await page.waitForURL(/#\/instances\?status=Completed&from=\d.+&to=\d/);

    await page
      .getByLabel(/^Choose order-/)
      .first()
      .waitFor();
  });

  it('shows an entity with its state, and signals it', async () => {
    const page = await open(at('entities'));

    await page.getByRole('link', { name: 'revenue' }).click();
    const state = page.getByRole('region', { name: 'State' }).locator('.json');
    const before = Number(await state.innerText());
    await page.getByText('nobody').waitFor();
    await page.getByRole('button', { name: 'Signal' }).click();
    await page.getByLabel('Operation').fill('add');
    await page.getByLabel('Input, as JSON').fill('1000');
    await page.getByRole('dialog').getByRole('button', { name: 'Signal' }).click();

    await eventually(async () => Number(await state.innerText()) >= before + 1_000);
    const stored = await hub.client.entities.readState('Revenue', 'shop');
    expect(Number(stored)).toBeGreaterThanOrEqual(before + 1_000);
  });

  it('puts a message that was set aside back, drops another, and shows the texts of both', async () => {
    await startOrder(hub, 'aside', { needsApproval: true });
    await eventually(async () => (await waitsForApproval('aside')) || undefined);
    await hub.setApprovalAside(1, 'aside', `Tried in vain. ${HOSTILE}`);
    await hub.setApprovalAside(2, HOSTILE, 'Nobody wants it.');
    const page = await open(at('overview'));

    await page.getByRole('link', { name: 'Tried in vain.' }).click();
    const good = page.getByRole('article', { name: 'Tried in vain.' });
    await good.getByRole('button', { name: 'EventRaised' }).click();
    await page.getByRole('dialog').getByText('"Approval"').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await good.getByRole('button', { name: 'Replay' }).click();
    await good.waitFor({ state: 'detached' });
    const bad = page.getByRole('article', { name: 'Nobody wants it.' });
    await bad.getByText(HOSTILE).waitFor();
    await bad.getByRole('button', { name: 'Drop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drop' }).click();
    await page.getByRole('region', { name: 'Messages set aside' }).waitFor({ state: 'detached' });

    await eventually(async () => (await statusOf('aside')) === 'Completed' || undefined);
    expect((await hub.client.poison.list({ pageSize: 9 })).messages).toEqual([]);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
  });

  async function waitsForApproval(instanceId: string): Promise<boolean> {
    const status = await hub.client.findStatus(instanceId, { input: false });
    return status?.customStatus?.includes('approval') === true;
  }

  it('tells what is due, and who calls what', async () => {
    const page = await open(at('timers'));

    await page.getByRole('link', { name: 'order-2007-parcel' }).waitFor();
    await page.getByText('in 23 h').waitFor();
    await page.getByRole('link', { name: 'Functions', exact: true }).click();
    const calls = page.getByRole('region', { name: 'ProcessOrder' });
    await calls
      .getByRole('row')
      .filter({ hasText: 'ReserveItem' })
      .getByText('3', { exact: true })
      .waitFor();
    await calls.getByRole('row').filter({ hasText: 'ShipParcel' }).waitFor();
    await page.getByRole('link', { name: 'Storage' }).click();
    await page.getByRole('button', { name: 'TimerFired' }).click();
    await page.getByRole('dialog').getByText('FireAt').first().waitFor();
  });

  it('leads anywhere by the keys alone', async () => {
    const page = await open(at('overview'));

    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Control+k');
    const sought = page.getByRole('combobox', { name: 'A page, or how' });
    await sought.pressSequentially('order-2007');
    await page.getByRole('option', { name: 'order-2007-parcel' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'order-2007-parcel' }).waitFor();
    await page.keyboard.press('Control+k');
    await sought.pressSequentially('storage');
    await page.keyboard.press('Enter');
    const control = page.getByRole('link', { name: 'control', exact: true });
    await control.focus();
    await page.keyboard.press('ArrowDown');

    const focused = page.locator(':focus');
    expect(await focused.innerText()).toBe('workitems');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('shows texts as texts, on every page', async () => {
    const instanceId = HOSTILE.replaceAll('/', '');
    await hub.client.start({ name: HOSTILE, instanceId, input: JSON.stringify(HOSTILE) });
    onTestFinished(async () => {
      await hub.client.purge(instanceId);
    });
    await eventually(async () => (await statusOf(instanceId)) === 'Failed');
    const page = await open(at('overview'));

    await page.getByRole('link', { name: HOSTILE, exact: true }).waitFor();
    await page.getByRole('link', { name: 'Failures' }).click();
    await page.getByRole('article').filter({ hasText: HOSTILE }).waitFor();
    await page.getByRole('link', { name: 'Instances' }).click();
    await page.getByRole('link', { name: instanceId }).click();
    await page.getByRole('heading', { name: 'Failure' }).waitFor();

    expect(await page.locator('main').innerText()).toContain(HOSTILE);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
  });

  it('asks for the key once, and shows no buttons where nothing may be changed', async () => {
    const { ring } = await openTestRing();
    const closed = await hub.serve({ keys: ring, isReadOnly: true });
    const page = await open(`${closed}/dashboard`, { expected: /401/ });
    await page.getByRole('heading', { name: 'This host asks for a key' }).waitFor();

    await page.getByRole('textbox', { name: 'Key' }).fill('wrong');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('This key does not open').waitFor();
    await page.getByRole('textbox', { name: 'Key' }).fill(ring.systemKey(WEBHOOK_KEY));
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('link', { name: 'Instances' }).click();
    // Others have filled the list: only the rows in sight are in the page.
    await page.getByLabel('Id begins with').fill('order-1001');
    await page.waitForURL(/prefix=order-1001/);
    await page.getByLabel('Choose order-1001', { exact: true }).check();
    await page.reload();
    await page.getByLabel('Choose order-1001', { exact: true }).check();

    await page.getByText('read-only').waitFor();
    expect(await page.getByRole('toolbar').count()).toBe(0);
  });

  it('does not offer where a key is asked for what cannot be undone', async () => {
    const { ring } = await openTestRing();
    const code = encodeURIComponent(ring.systemKey(WEBHOOK_KEY));
    const closed = await hub.serve({ keys: ring });
    const page = await open(`${closed}${API}/dashboard/?code=${code}#/instances/order-1001`);

    await page.getByRole('toolbar').getByRole('button', { name: 'Restart' }).waitFor();
    expect(await page.getByRole('button', { name: 'Purge' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Instances', exact: true }).first().click();
    await page.getByRole('button', { name: 'Steer all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).waitFor();
    expect(await page.getByRole('button', { name: 'Purge' }).count()).toBe(0);
  });

  it('can be used by everybody, light and dark, and on a phone', async () => {
    for (const [name, hash, isBright] of [
      ['overview', 'overview', true],
      ['failures', 'failures', false],
      ['entities', 'entities', true],
      ['entity', 'entities/revenue/shop', false],
      ['functions', 'functions', true],
      ['timers', 'timers', false],
      ['storage', 'storage', true],
      ['instances', 'instances', false],
      ['instance', 'instances/order-2005', true],
    ] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const viewport of [DESKTOP, PHONE]) {
          // All of them take a minute: they are looked at when pictures are made.
          const isSeen =
            isBright === (colorScheme === 'light') && isBright === (viewport === DESKTOP);
          if (!isSeen && PICTURES === undefined) continue;
          const page = await open(at(hash), { colorScheme, viewport });
          await page
            .getByText(/order-\d{4}|revenue/)
            .first()
            .waitFor();
          await picture(page, `${name}-${colorScheme}${viewport === PHONE ? '-phone' : ''}`);
          await expectNoViolations(page);
        }
      }
    }
  });
});

const SLOW = { timeoutMs: 20_000 };
const DESKTOP_BOX = { x: 0, y: 0, ...DESKTOP };
const LISTED = { pageSize: 10, includeInput: false, includeOutput: false };
