/** One browser for all tests of a file: Debian's, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import axe from 'axe-core';
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { patient } from '../support/patience.ts';
import { palettePng } from './palette-png.ts';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** For a browser elsewhere. */
const executablePath =
  process.env['CHROMIUM_PATH'] ?? PATHS.find((candidate) => existsSync(candidate));

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** Where pictures are put: `docs/pictures` for those of docs/dashboard.md. @default none are made */
export const PICTURES = process.env['DASHBOARD_PICTURES'];

export async function picture(page: Page | Locator, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await writeFile(path.join(PICTURES, `${name}.png`), palettePng(await page.screenshot()));
}

/** That axe finds nothing in what is shown. @param within a selector: what is behind a dialog was looked at before. */
export async function expectNoViolations(page: Page, within = ':root'): Promise<void> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(within)})`);
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
  ).toEqual([]);
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

export const HAS_BROWSER = executablePath !== undefined;
export const NO_BROWSER =
  'there is no browser: apt-get install chromium, or CHROMIUM_PATH=<its program>';

/** A page of its own; whatever the console complains of, but for what is `expected`, fails the test. */
export async function openPage(
  browser: Browser,
  address: string,
  { expected = /$^/, ...options }: BrowserContextOptions & { readonly expected?: RegExp } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  context.setDefaultTimeout(patient(10_000));
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) {
      complaints.push(message.text());
    }
  });
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  await page.goto(address);
  return page;
}

export async function openBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(NO_BROWSER);
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}
