import { afterEach, describe, expect, it } from 'vitest';
import path from 'node:path';
import { ownPackageSpec } from '../../src/cli/commands/init/own-package.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const NAME = 'durable-functions-extension';
let place: ScratchApp | undefined;
afterEach(() => place?.remove());

/** The spec for a package that lies in node_modules, which npm says it resolved like this. */
async function specOf(resolved: string | undefined): Promise<string | undefined> {
  place = await createScratchApp({
    files: {
      [`node_modules/${NAME}/package.json`]: { name: NAME, version: '1.2.3' },
      'package.tgz': 'an archive',
      ...(resolved !== undefined && {
        'node_modules/.package-lock.json': {
          packages: { [`node_modules/${NAME}`]: { version: '1.2.3', resolved } },
        },
      }),
    },
  });
  return ownPackageSpec(path.join(place.folder, 'node_modules', NAME));
}

describe('how a new app names this package', () => {
  it.each([['https://registry.example/x-1.2.3.tgz'], [undefined]])(
    'is its version when npm had it from %s',
    async (resolved) => {
      expect(await specOf(resolved)).toBe('^1.2.3');
    },
  );

  it('is its file when npm had it from a file', async () => {
    const spec = await specOf('file:package.tgz');

    expect(spec).toBe(`file:${path.join(place?.folder ?? '', 'package.tgz')}`);
  });

  it('is nothing when that file is gone, or in a checkout', async () => {
    expect(await specOf('file:gone.tgz')).toBeUndefined();
    expect(await ownPackageSpec()).toBeUndefined();
  });
});
