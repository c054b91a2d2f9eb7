// Which declarations of types a user can reach, by the doors of the package.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Declarations that no door of the package leads to are weight that nobody can use. */
export function dropUnreachableDeclarations(root, folder) {
  const { exports } = createRequire(import.meta.url)('../package.json');
  const doors = Object.values(exports).flatMap(({ types }) => (types ? [types] : []));
  const reachable = new Set();
  const follow = (file) => {
    if (reachable.has(file)) return;
    reachable.add(file);
    // Examples in comments import files of apps.
    const text = readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\//g, '');
    for (const [, target] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g)) {
      follow(path.resolve(path.dirname(file), `${target}.d.ts`));
    }
  };
  for (const door of doors) follow(path.join(root, door));
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = path.join(folder, name);
    if (file.endsWith('.d.ts') && !reachable.has(file)) rmSync(file);
  }
}
