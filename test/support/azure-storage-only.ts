/** Tests of one storage alone, in suites that run on others, too. */
import { it } from 'vitest';
import { IS_LOCAL } from './probe-host.ts';

/**
 * `it` for what other tools see in the tables and blobs of Azure Storage: rows, their keys and columns, names of blobs. A hub in a
 * folder has none of it.
 */
export const itInAzureStorage: typeof it = IS_LOCAL ? skipping() : it;

function skipping(): typeof it {
  return new Proxy(it.skip, {
    apply(skip, self, args: Parameters<typeof it>) {
      const [name] = args;
      process.stderr.write(
        `SKIPPED: ${String(name)}: a hub in a folder has no tables and blobs.\n`,
      );
      return Reflect.apply(skip, self, args) as unknown;
    },
  }) as typeof it;
}
