/**
 * The pictures of docs/dashboard.md and README.md, light and dark, of the samples. `DASHBOARD_PICTURES=docs/pictures` has them made;
 * else what they show is looked for all the same, in one of the two, so that they can be made when they are wanted.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/func-process.ts';
import { LONG_MS } from '../support/patience.ts';
import {
  HAS_BROWSER,
  NO_BROWSER,
  openBrowser,
  openPage,
  PHONE,
  picture,
  PICTURES,
} from './browser.ts';
import { API, type DashboardHub } from './dashboard-hub.ts';
import { openSampleHub } from './sample-hub.ts';

const DAY = [
  23, 22.4, 21, 19.5, 18.2, 17, 15.5, 14, 12.6, 11, 9.5, 8.3, 7, 5.4, 4.2, 3, 2.1, 1.2, 0.4,
];
const SCHEMES = PICTURES === undefined ? (['light'] as const) : (['light', 'dark'] as const);

const suite = HAS_BROWSER ? 'the pictures' : `the pictures (skipped: ${NO_BROWSER})`;

describe.skipIf(!HAS_BROWSER)(suite, { timeout: LONG_MS }, () => {
  let browser: Browser;
  let hub: DashboardHub;
  let url: string;

  beforeAll(async () => {
    [browser, hub] = await Promise.all([
      openBrowser(),
      openSampleHub(PICTURES === undefined ? [] : DAY),
    ]);
    url = await hub.serve();
  }, 4 * LONG_MS);

  afterAll(async () => {
    await browser.close();
    await hub.stop();
  });

  const card = (page: Page, name: string): Locator => page.getByRole('region', { name });
  const group = (page: Page, name: string): Locator =>
    page.getByRole('group', { name, exact: true });

  /** @param show brings the page to what is worth seeing. @returns what the picture is of. */
  async function pictures(
    name: string,
    hash: string,
    show: (page: Page) => Promise<Page | Locator>,
    { viewport = { width: 1280, height: 800 } } = {},
  ): Promise<void> {
    for (const colorScheme of SCHEMES) {
      const page = await openPage(browser, `${url}${API}/dashboard/#/${hash}`, {
        colorScheme,
        viewport,
      });
      const shown = await show(page);
      await page.mouse.move(0, 0);
      await picture(shown, `${name}-${colorScheme}`);
    }
  }

  it('overview', () =>
    pictures('overview', 'overview', async (page) => {
      await card(page, 'Needs attention').getByText('leave-edsger').waitFor();
      await card(page, 'Orchestrators').getByText(/wait/).first().waitFor();
      return page;
    }));

  it('failures', () =>
    pictures('failures', 'failures', async (page) => {
      await page.getByText('The bank does not answer').first().waitFor();
      return page;
    }));

  it('instances', () =>
    pictures('instances', 'instances', async (page) => {
      await page.getByRole('link', { name: 'order-2005', exact: true }).waitFor();
      return page;
    }));

  it('instances on a phone', () =>
    pictures(
      'phone',
      'instances',
      async (page) => {
        await page.getByRole('row').filter({ hasText: 'E4_Order' }).first().waitFor();
        return page;
      },
      { viewport: PHONE },
    ));

  it('search', () =>
    pictures('search', 'instances?text=rug&shorter=1+h', async (page) => {
      await page.getByText(/instances were looked at/).waitFor();
      await page.getByRole('link', { name: 'order-2001', exact: true }).waitFor();
      return page;
    }));

  it('what becomes of those that are chosen', () =>
    pictures('bulk', 'instances?prefix=leave-', async (page) => {
      await page.getByLabel('Choose leave-alan', { exact: true }).check();
      await page.getByLabel('Choose leave-grace', { exact: true }).check();
      await page.getByLabel('Choose leave-ada', { exact: true }).check();
      await page.getByRole('toolbar').getByRole('button', { name: 'Suspend' }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Suspend/ })
        .waitFor();
      return page.getByRole('dialog');
    }));

  it('timeline, and the tree', async () => {
    const order = async (page: Page): Promise<void> => {
      await page.getByText('3 tries').waitFor();
      await page
        .getByRole('button', { name: /^Lanes of / })
        .first()
        .click();
      await card(page, 'Timeline').getByText('E4_PrintLabel').waitFor();
    };
    await pictures('timeline', 'instances/order-2001', async (page) => {
      await order(page);
      return card(page, 'Timeline');
    });
    await pictures('tree', 'instances/order-2004', async (page) => {
      const tree = card(page, 'Parents and children');
      await tree.getByText('E4_Delivery').nth(3).waitFor();
      return tree;
    });
  });

  it('sequence', () =>
    pictures('sequence', 'instances/order-2001', async (page) => {
      await page.getByText('Sequence diagram').click();
      await group(page, 'Sequence diagram').getByText('E4_Delivery').first().waitFor();
      return group(page, 'Sequence');
    }));

  it('logs', () =>
    pictures('logs', 'instances/order-2001', async (page) => {
      await page.getByText('Logs of this host').click();
      await group(page, 'Logs').getByText('charging').waitFor();
      return group(page, 'Logs');
    }));

  it('replay', () =>
    pictures('replay', 'instances/order-2004', async (page) => {
      await page.getByRole('button', { name: /^Replay/ }).click();
      await page.getByText('Cannot go on', { exact: true }).waitFor();
      return page;
    }));

  it('storage', () =>
    pictures('storage', 'storage', async (page) => {
      await page.getByText('the disk is full').waitFor();
      return page;
    }));

  it('functions', () =>
    pictures('functions', 'functions', async (page) => {
      await card(page, 'E4_Order').getByText('E4_ChargeCard').waitFor();
      return page;
    }));

  it('palette', () =>
    pictures('palette', 'overview', async (page) => {
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('order-200');
      await page.getByRole('option', { name: 'order-2004' }).waitFor();
      return page;
    }));
});

it('the pages show all pictures that are kept, and no others', async () => {
  const texts = await Promise.all(
    ['README.md', 'docs/dashboard.md'].map((name) => readFile(path.join(REPOSITORY, name), 'utf8')),
  );
  const shown = texts.flatMap((text) =>
    [...text.matchAll(/pictures\/([\w-]+\.png)/g)].map(([, file]) => file),
  );

  const kept = await readdir(path.join(REPOSITORY, 'docs/pictures'));

  expect(kept.sort()).toEqual([...new Set(shown)].sort());
});
