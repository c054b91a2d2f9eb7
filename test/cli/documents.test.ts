import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'samples/README.md',
];

describe.each(documents)('%s', (name) => {
  const text = readFileSync(new URL(name, root), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) => target ?? '');

  it.each([...new Set(links)])('links to %s, which exists', (link) => {
    expect(existsSync(new URL(link, new URL(name, root)))).toBe(true);
  });
});
