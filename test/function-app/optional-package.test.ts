import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { NotSupportedError } from '../../src/core/errors.ts';
import { loadOptionalPackage } from '../../src/function-app/optional-package.ts';
import { REPOSITORY } from '../support/func-process.ts';
import { createScratchApp } from '../support/scratch-app.ts';

describe('a package that few apps need', () => {
  it('is that of the first folder that has it', async () => {
    const files = { 'node_modules/@azure/identity/index.js': 'exports.isOfTheApp = true;' };
    const app = await createScratchApp({ files });
    const load = (...folders: string[]): unknown =>
      loadOptionalPackage({ name: '@azure/identity', neededBy: 'A test', folders });

    expect(load(app.folder, REPOSITORY)).toEqual({ isOfTheApp: true });
    expect(load(tmpdir(), REPOSITORY)).toHaveProperty('DefaultAzureCredential');
    await app.remove();
  });

  it('that is nowhere is asked for by the command that installs it', () => {
    const load = (): unknown =>
      loadOptionalPackage({
        name: '@azure/not-installed',
        neededBy: "The connection 'X', which is one by identity,",
        folders: [tmpdir()],
      });

    expect(load).toThrow(NotSupportedError);
    expect(load).toThrow(
      "The connection 'X', which is one by identity, needs the package @azure/not-installed. Install it in the app: npm install @azure/not-installed",
    );
  });
});
