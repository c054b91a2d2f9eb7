/** Every recipe of docs/recipes.md does what the unit test below it says. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as df from 'durable-functions';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DurableApp, loadDurableApp } from '../../src/testing/index.ts';
import { type DocExample, examplesOf, runExample } from '../support/doc-examples.ts';

const PAGE = path.join(import.meta.dirname, '../../docs/recipes.md');
const examples = examplesOf(await readFile(PAGE, 'utf8'));

let app: DurableApp | undefined;
afterEach(async () => {
  await app?.dispose();
  app = undefined;
});

describe('docs/recipes.md', () => {
  const recipes = examples.flatMap((recipe, index) =>
    recipe.file === undefined ? [] : [{ file: recipe.file, recipe, test: examples[index + 1] }],
  );

  it('has a test below each recipe', () => {
    expect(recipes).toHaveLength(8);
    expect(examples).toHaveLength(2 * recipes.length);
  });

  it.each(recipes)('is right in $file', async ({ recipe, test }) => {
    app = await loadDurableApp(() => runExample(recipe, {}, { 'durable-functions': () => df }));

    await runExample(test as DocExample, { app, expect, vi }, {});
  });
});
