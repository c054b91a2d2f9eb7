/**
 * What 100,000 instances and a history of 20,000 events cost whoever looks at them. Takes minutes: only with DASHBOARD_LARGE=1, and
 * prints what it has measured.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toInstanceId } from '../../src/core/ids.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { start } from '../contract/sample-messages.ts';
import { memoryHub, putInstance, putStored } from '../http/recorded-hub.ts';
import { LocalHub, removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { LONG_MS } from '../support/patience.ts';
import { HAS_BROWSER, openBrowser } from './browser.ts';
import { API, serveDashboard } from './dashboard-hub.ts';

const INSTANCES = 100_000;
const TASKS = 10_000;
const LONGEST_TASK = `new Promise((resolve) => {
  let longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: 'longtask', buffered: true });
  setTimeout(() => resolve(longest), 500);
})`;

const isAsked = process.env['DASHBOARD_LARGE'] === '1';

describe.skipIf(!isAsked || !HAS_BROWSER)('a large hub', { timeout: 4 * LONG_MS }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(() => browser.close());

  /** @returns the page, and when it showed the first row. */
  async function open(address: string): Promise<{ page: Page; firstRowMs: number }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const begun = performance.now();
    await page.goto(address);
    await page.locator('[role=row] a').first().waitFor();
    return { page, firstRowMs: performance.now() - begun };
  }

  it('shows 100,000 instances in a folder', async () => {
    const folder = temporaryFolder();
    const hub = new LocalHub(folder);
    await hub.start();
    for (let n = 0; n < INSTANCES; n += 1_000) {
      const Timestamp = new Date(Date.now() - n * 100).toISOString();
      await Promise.all(
        Array.from({ length: 1_000 }, (_, m) =>
          hub.backend.createInstance(
            start(toInstanceId(`order-${n + m}`), { Timestamp }),
            undefined,
          ),
        ),
      );
    }
    const dashboard = await serveDashboard(hub.client);

    const { page, firstRowMs } = await open(`${dashboard.url}${API}/dashboard/#/instances`);
    const begun = performance.now();
    await page.getByRole('grid').focus();
    for (let loaded = 200; loaded < 10_000; loaded += 200) {
      await page.keyboard.press('End');
      await page.getByText(`${(loaded + 200).toLocaleString('en')} loaded`).waitFor();
    }
    const rows = await page.getByRole('row').count();
    report('100,000 instances', {
      firstRowMs,
      tenThousandLoadedMs: performance.now() - begun,
      longestTaskMs: await page.evaluate(LONGEST_TASK),
      rowsInThePage: rows,
    });
    const stats = performance.now();
    const answer = await fetch(`${dashboard.url}${API}/stats`);
    report('GET /stats', { ms: performance.now() - stats, status: answer.status });

    expect(rows).toBeLessThan(100);
    await dashboard.close();
    await hub.stop();
    removeFolder(folder);
  });

  it('shows a history of 20,000 events', async () => {
    const { client, store } = memoryHub();
    putInstance(store, 'long', 'Running');
    const record = store.instances.get(toInstanceId('long'));
    const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 50).toISOString();
    const history = Array.from({ length: TASKS }, (_, n) => [
      { EventType: 'TaskScheduled', EventId: n, Timestamp: at(n), Name: 'Charge', Input: '"x"' },
      { EventType: 'TaskCompleted', TaskScheduledId: n, Timestamp: at(n + 3), Result: '"y"' },
    ]).flat() as unknown as readonly HistoryEvent[];
    if (record) putStored(store, { record, history });
    putInstance(store, 'child', 'Running');
    const dashboard = await serveDashboard(client);

    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const begun = performance.now();
    await page.goto(`${dashboard.url}${API}/dashboard/#/instances/long`);
    await page.locator('.lane-activity').first().waitFor();
    const firstLaneMs = performance.now() - begun;
    await page.getByRole('grid', { name: /^Events/ }).press('End');
    await page.getByText('19999', { exact: true }).waitFor();
    const rows = await page.getByRole('row').count();
    report('20,000 events', {
      firstLaneMs,
      longestTaskMs: await page.evaluate(LONGEST_TASK),
      rowsInThePage: rows,
    });

    expect(rows).toBeLessThan(200);
    await dashboard.close();
  });
});

function report(what: string, measured: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${what}: ${JSON.stringify(measured)}\n`);
}
