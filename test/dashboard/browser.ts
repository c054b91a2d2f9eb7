/** One browser for all tests of a file: Debian's, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { patient } from '../support/patience.ts';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** For a browser elsewhere. */
const executablePath =
  process.env['CHROMIUM_PATH'] ?? PATHS.find((candidate) => existsSync(candidate));

export const DESKTOP = { width: 1280, height: 800 };

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
