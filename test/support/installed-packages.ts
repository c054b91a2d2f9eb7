/** What an installation of this package for production brings along, read from package-lock.json and node_modules. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from './func-process.ts';

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface InstalledPackage {
  /** `node_modules/hono` */
  readonly place: string;
  readonly bytes: number;
}

/** All that `dependencies` leads to and that this platform installs; the package itself is not among them. */
export async function productionPackages(): Promise<readonly InstalledPackage[]> {
  const text = await readFile(path.join(REPOSITORY, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };
  const places = new Set<string>();
  const add = (from: string): void => {
    const { dependencies, optionalDependencies } = packages[from] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = placeOf(name, from, packages);
      if (place === undefined || places.has(place)) continue;
      places.add(place);
      add(place);
    }
  };
  add('');
  const installed = [...places].filter((place) => existsSync(path.join(REPOSITORY, place)));
  return await Promise.all(
    installed.map(async (place) => ({ place, bytes: await bytesIn(path.join(REPOSITORY, place)) })),
  );
}

/** As Node looks for it: beside `from`, then above. Optional packages of other platforms may be nowhere. */
function placeOf(
  name: string,
  from: string,
  packages: Readonly<Record<string, LockedPackage>>,
): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    const place = `${folder}/node_modules/${name}`.replace(/^\//, '');
    if (Object.hasOwn(packages, place)) return place;
    if (!folder.includes('/node_modules/')) break;
  }
  const place = `node_modules/${name}`;
  return Object.hasOwn(packages, place) ? place : undefined;
}

/** Of its own files: packages below it count for themselves. */
async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isFile()) bytes += (await stat(file)).size;
    else if (entry.isDirectory() && entry.name !== 'node_modules') bytes += await bytesIn(file);
  }
  return bytes;
}
