/** That everybody can use it: those who hear the page, those who need contrast, those who have no mouse. */
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openTestRing } from '../http/secrets-in-memory.ts';
import { eventually } from '../support/eventually.ts';
import { LONG_MS } from '../support/patience.ts';
import { expectNoViolations, HAS_BROWSER, NO_BROWSER, openBrowser, openPage } from './browser.ts';
import { API, type DashboardHub } from './dashboard-hub.ts';
import { openShopHub, startOrder } from './shop-hub.ts';

const suite = HAS_BROWSER
  ? 'the dashboard, for everybody'
  : `the dashboard, for everybody (skipped: ${NO_BROWSER})`;

describe.skipIf(!HAS_BROWSER)(suite, { timeout: LONG_MS }, () => {
  let browser: Browser;
  let hub: DashboardHub;
  let url: string;

  beforeAll(async () => {
    [browser, hub] = await Promise.all([openBrowser(), openShopHub()]);
    url = await hub.serve();
    const waiting = ['wait-1', 'wait-2', 'wait-3'];
    // Long enough to be searched in.
    await startOrder(hub, 'order-1', { card: 'slow', note: 'Ring twice. '.repeat(40) });
    await startOrder(hub, 'declined-1', { card: 'declined' });
    for (const id of waiting) await startOrder(hub, id, { needsApproval: true });
    await hub.client.start({ name: 'RefundOrder', instanceId: 'refund-1', input: '{"id":"1"}' });
    await hub.setApprovalAside(1, 'wait-1', 'Tried in vain.');
    await reached('order-1', 'Completed');
    await reached('declined-1', 'Failed');
    for (const id of waiting) await waitsForApproval(id);
    await eventually(async () => (await hub.client.readHistory('refund-1')).length > 6);
  }, LONG_MS);

  afterAll(async () => {
    await browser.close();
    await hub.stop();
  });

  const at = (hash: string): string => `${url}${API}/dashboard/#/${hash}`;
  const card = (page: Page, name: string) => page.getByRole('region', { name });

  async function statusOf(instanceId: string): Promise<string | undefined> {
    return (await hub.client.findStatus(instanceId, { input: false }))?.runtimeStatus;
  }

  async function reached(id: string, status: string): Promise<void> {
    await eventually(async () => (await statusOf(id)) === status, { timeoutMs: 30_000 });
  }

  async function waitsForApproval(id: string): Promise<void> {
    await eventually(async () => {
      const status = await hub.client.findStatus(id, { input: false });
      return status?.customStatus?.includes('approval');
    });
  }

  /** That axe finds nothing in what has opened, light and dark. */
  async function expectUsable(page: Page, within: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expectNoViolations(page, within);
    }
  }

  it('finds nothing wrong with what opens on the page of an instance', async () => {
    process.env['SHOP_REFUNDS_LATER'] = '1';
    onTestFinished(() => {
      delete process.env['SHOP_REFUNDS_LATER'];
    });
    const page = await openPage(browser, at('instances/order-1'));
    const dialog = page.getByRole('dialog');
    const action = (name: string) => page.getByRole('toolbar').getByRole('button', { name });

    await page.getByText('Sequence diagram').click();
    await page.getByText('Logs of this host').click();
    await page.getByRole('button', { name: 'Lanes of order-1-parcel' }).click();
    await page.getByText('charging 129.5').waitFor();
    await card(page, 'Input').getByRole('searchbox').fill('lamp');
    await card(page, 'Input').locator('mark').waitFor();
    await expectUsable(page, 'main');
    await card(page, 'Input').getByRole('searchbox').fill('nowhere');
    await card(page, 'Input').getByText('Not found.').waitFor();
    await page.getByRole('button', { name: 'Merged' }).click();
    await card(page, 'History').locator('.is-merged').first().waitFor();
    await expectUsable(page, 'main');
    await card(page, 'History').getByRole('row').filter({ hasText: 'ChargeCard' }).first().click();
    await dialog.getByText(/^Event \d+, TaskScheduled$/).waitFor();
    await expectUsable(page, 'dialog');
    await page.keyboard.press('Escape');
    await action('Restart').click();
    await dialog.getByLabel('under an id of your choice').check();
    await dialog.getByLabel('Id', { exact: true }).fill('again-1');
    await dialog.getByLabel('Input, as JSON').fill('no JSON');
    await dialog.getByRole('button', { name: 'Restart' }).click();
    await dialog.getByRole('alert').waitFor();
    await expectUsable(page, 'dialog');
    await dialog.getByLabel('under the same id').check();
    await expectUsable(page, 'dialog');
    await page.goto(at('instances/refund-1'));
    await page.getByRole('button', { name: /^Replay/ }).click();
    await page.getByText('Cannot go on', { exact: true }).waitFor();
    await expectUsable(page, 'main');
    await action('Raise event').click();
    await dialog.getByLabel('Name').fill('Confirmed');
    await dialog.getByText('As a command').click();
    await expectUsable(page, 'dialog');
    await page.goto(at('instances/declined-1'));
    await page.getByText('All that is stored').click();
    await expectUsable(page, 'main');
    await action('Rewind').click();
    await dialog.getByText('One activity runs again:').waitFor();
    await expectUsable(page, 'dialog');
  });

  it('finds nothing wrong with what opens above the list', async () => {
    const page = await openPage(browser, at('instances?text=lamp'), { expected: /410/ });
    const dialog = page.getByRole('dialog');
    const views = page.locator('summary').filter({ hasText: 'Views' });

    await page.getByText('instances were looked at').waitFor();
    await views.click();
    await page.getByLabel('Save this filter as').fill('Lamps');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: 'Lamps' }).waitFor();
    await expectUsable(page, 'main');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'A page, or how' }).fill('order');
    await dialog.getByRole('option', { name: 'order-1' }).first().waitFor();
    await expectUsable(page, 'dialog');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Steer all that match' }).click();
    await dialog.getByText('found, none changed yet.').waitFor();
    await expectUsable(page, 'dialog');
    await page.keyboard.press('Escape');
    for (const id of ['order-1', 'wait-3']) {
      await page.getByLabel(`Choose ${id}`, { exact: true }).check();
    }
    await expectUsable(page, 'main');
    await page.getByRole('toolbar').getByRole('button', { name: 'Suspend' }).click();
    await dialog.getByText('1 instance cannot be suspended').waitFor();
    await expectUsable(page, 'dialog');
    const asked = new Promise<Route>((resolve) => void page.route(/\/suspend/, resolve));
    await dialog.getByRole('button', { name: 'Suspend 1' }).click();
    const request = await asked;
    await dialog.getByText('0 of 1 suspended').waitFor();
    await expectUsable(page, 'dialog');
    await request.fulfill({ status: 410, body: '' });
    await dialog.getByText('0 of 1 suspended, 1 not').waitFor();
    await expectUsable(page, 'dialog');
  });

  it('finds nothing wrong with what opens elsewhere', async () => {
    const { ring } = await openTestRing();
    const closed = await hub.serve({ keys: ring });
    const page = await openPage(browser, at('storage'), { expected: /401/ });
    const dialog = page.getByRole('dialog');
    const poison = page.getByRole('article', { name: 'Tried in vain.' });

    await poison.getByRole('button', { name: 'EventRaised' }).click();
    await dialog.getByText('"Approval"').waitFor();
    await expectUsable(page, 'dialog');
    await page.keyboard.press('Escape');
    await poison.getByRole('button', { name: 'Drop' }).click();
    await expectUsable(page, 'dialog');
    await page.keyboard.press('Escape');
    await card(page, 'Delete the task hub').getByRole('button').click();
    await dialog.getByLabel('Type its name').fill('Local');
    await expectUsable(page, 'dialog');
    await page.keyboard.press('Escape');
    await page.goto(at('entities/revenue/shop'));
    await page.getByRole('button', { name: 'Signal' }).click();
    await dialog.getByLabel('Operation').fill('add');
    await dialog.getByText('As a command').click();
    await expectUsable(page, 'dialog');
    await page.goto(`${closed}/dashboard`);
    await dialog.getByRole('textbox', { name: 'Key' }).fill('wrong');
    await dialog.getByRole('button', { name: 'Open' }).click();
    await dialog.getByText('This key does not open').waitFor();
    await expectUsable(page, 'dialog');
  });

  it('says that it loads, and then why it does not, and never that there is nothing', async () => {
    for (const hash of [...PAGES.map((name) => name.toLowerCase()), ...INNER_PAGES]) {
      // What is half there on its way in has half of its contrast.
      const options = { expected: /500/, reducedMotion: 'reduce' } as const;
      const page = await openPage(browser, 'about:blank', options);
      const held: Route[] = [];
      let isHeld = true;
      const refuse = (route: Route) => route.fulfill({ status: 500, json: { Message: 'Alas.' } });
      await page.route(API_CALLS, async (route) => {
        if (isHeld) held.push(route);
        else await refuse(route);
      });

      await page.goto(at(hash));
      await page.getByText('loading …').first().waitFor();
      expect(await page.getByRole('main').innerText(), hash).not.toMatch(NOTHING);
      await expectNoViolations(page);
      isHeld = false;
      await Promise.all(held.map(refuse));
      await page.getByRole('alert').getByText('Alas.').first().waitFor();

      await page.getByText('loading …').first().waitFor({ state: 'detached' });
      expect(await page.getByText('Alas.').count(), hash).toBe(1);
      await expectNoViolations(page);
      expect(await page.getByRole('main').innerText(), hash).not.toMatch(NOTHING);
      await page.close();
    }
  });

  it('leads from the overview to a failed instance by the keys alone, and does what can be done with it', async () => {
    const page = await openPage(browser, at('overview'));
    const keys = new Keys(page);

    await card(page, 'Needs attention').getByText('was declined').waitFor();
    await keys.tabTo('Failed');
    await keys.press('Enter');
    await page.getByRole('link', { name: 'declined-1', exact: true }).waitFor();
    await keys.tabTo('declined-1');
    await keys.press('Enter');
    await card(page, 'Timeline').getByText('ChargeCard').waitFor();
    await keys.tabTo('Rewind');
    await keys.press('Enter');
    await page.getByText('One activity runs again:').waitFor();
    expect(await keys.focused()).toBe('Reason, for the history');
    await keys.press('Escape');
    expect(await keys.focused()).toBe('Rewind');
    await keys.press('Enter');
    const events = (await hub.client.readHistory('declined-1')).length;
    await keys.type('the card is good');
    await keys.press('Enter');
    await page.getByText('1 of 1 rewound').waitFor();
    expect(await keys.focused()).toBe('Close');
    await keys.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // It fails again, and the page follows: the button may have been away meanwhile.
    await page.getByText(`History, ${events} events`).waitFor({ state: 'detached' });
    expect(await keys.focused()).toMatch(/^(Rewind|Actions)$/);
    await keys.tabTo('Lanes.');
    await keys.press('ArrowDown', 'ArrowDown', 'Enter');
    await page.getByRole('dialog').getByText('"ReserveItem"').waitFor();
    expect(await keys.focused()).toBe('Close');
    await keys.press('Enter');
    expect(await keys.focused()).toMatch(/^Lanes\./);
    await keys.tabTo('Events.');
    await keys.press('ArrowDown', 'Enter');
    await page.getByRole('dialog').getByText('"OrchestratorStarted"').waitFor();
    await keys.press('Escape');
    expect(await keys.focused()).toMatch(/^Events\./);
    // The way back is a key of the browser, not of the page.
    await page.goBack();
    await page.getByRole('heading', { name: 'Failures' }).waitFor();
    expect(await keys.focused()).toMatch(/^Failures/);
  });

  it('steers what is chosen in the list, raises an event, and leads to every page by the keys alone', async () => {
    const page = await openPage(browser, at('instances?prefix=wait-'));
    const keys = new Keys(page);
    const dialog = page.getByRole('dialog');

    await page.getByLabel('Choose wait-1', { exact: true }).waitFor();
    await keys.tabTo('Instances, the newest first.');
    await keys.press('ArrowDown', 'Space', 'ArrowDown', 'Space');
    await page.getByText('2 chosen').waitFor();
    await keys.tabTo('Terminate');
    await keys.press('Enter');
    await keys.type('no longer wanted');
    await keys.press('Enter');
    await page.getByText('2 of 2 terminated').waitFor();
    expect(await keys.focused()).toBe('Close');
    await keys.press('Enter');
    await page.getByRole('toolbar').waitFor({ state: 'detached' });
    expect(await keys.focused()).toMatch(/^Instances, the newest first\./);
    await eventually(async () => (await page.getByText('Terminated').count()) > 2);
    expect(await keys.focused()).toMatch(/^Instances, the newest first\./);
    await keys.press('ArrowDown', 'Enter');
    await page.getByRole('toolbar').getByText('Raise event').waitFor();
    await keys.tabTo('Raise event');
    await keys.press('Enter');
    await keys.type('Approval');
    await keys.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.page-head').getByText('Completed').waitFor();
    expect(await keys.focused()).toBe('Actions');
    await keys.press('Tab');
    for (const name of PAGES) {
      const before = await keys.focused();
      await keys.press('Control+k', 'Escape');
      expect(await keys.focused()).toBe(before);
      await keys.press('Control+k');
      await keys.type(name);
      await keys.press('Enter');
      await page.getByRole('heading', { name, exact: true }).first().waitFor();
      await keys.press('Tab');
    }
  });

  it('keeps the dialog that asks for the key, however often somebody wants to leave it', async () => {
    const { ring } = await openTestRing();
    const closed = await hub.serve({ keys: ring });
    const page = await openPage(browser, `${closed}/dashboard`, { expected: /401/ });
    const keys = new Keys(page);

    await page.getByRole('dialog').waitFor();
    await expectNoViolations(page);
    await keys.press('Escape', 'Escape', 'Escape');
    await keys.type('wrong');
    await keys.press('Enter');

    await page.getByText('This key does not open').waitFor();
    expect(await keys.focused()).toBe('Key');
  });
});

/** All but the page and its files. */
const API_CALLS = /\/durabletask\/(?!dashboard\/)/;
const INNER_PAGES = ['instances/order-1', 'entities/revenue/shop'];
const NOTHING = /There is no|No instance|No entity|Nothing|None\.|0 loaded/;
const PAGES = ['Overview', 'Instances', 'Failures', 'Entities', 'Functions', 'Timers', 'Storage'];

/** The page for who has no mouse: where the focus is, is seen after each key. */
class Keys {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  /** Presses Tab until the focus is on what is called so, or begins so, by its label or its text. */
  async tabTo(name: string): Promise<void> {
    const passed: string[] = [];
    do {
      await this.press('Tab');
      passed.push(await this.focused(passed));
    } while (passed.at(-1)?.startsWith(name) !== true);
  }

  /** What it is called that has the focus, and shows it. */
  async focused(passed: readonly string[] = []): Promise<string> {
    const { name, isSeen } = await this.#page.evaluate<Focused>(FOCUSED);
    expect(isSeen, `${name}, after ${passed.join(', ')}`).toBe(true);
    return name;
  }
}

interface Focused {
  readonly name: string;
  readonly isSeen: boolean;
}

/** The main part has no frame of its own: it is where the focus goes when another page is shown. */
const FOCUSED = `(() => {
  const element = document.activeElement ?? document.body;
  const style = getComputedStyle(element);
  const { width, height, top, bottom } = element.getBoundingClientRect();
  const isInSight = width > 0 && height > 0 && top < innerHeight && bottom > 0;
  const isFramed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.firstChild?.textContent;
  return {
    name: (label ?? element.innerText ?? '').trim().slice(0, 80) || element.localName,
    isSeen: element.id === 'main' || (element !== document.body && isFramed && isInSight),
  };
})()`;
