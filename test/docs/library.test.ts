/** docs/library.md names every export of the package, and each of its examples does what it says. */
import { readFile } from 'node:fs/promises';
import * as crypto from 'node:crypto';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { examplesOf, runExample } from '../support/doc-examples.ts';
import { LONG } from '../support/patience.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const page = await readFile(path.join(ROOT, 'docs/library.md'), 'utf8');

describe('docs/library.md', () => {
  it.each(Object.keys(library))('has %s', (name) => {
    expect(page).toContain(`\`${name}\``);
  });

  it.each(examplesOf(page))('is right in line $line', LONG, async (example) => {
    const names = {
      expect,
      folder: path.join(ROOT, 'samples/javascript'),
      connectionString: azuriteConnectionString(),
    };
    const modules = {
      'node:crypto': () => crypto,
      'durable-functions-extension': () => library,
    };
    await runExample(example, names, modules);
  });
});
