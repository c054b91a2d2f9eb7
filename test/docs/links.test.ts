/** Pages lead where they say, to the heading that they name; and whoever reads README.md and docs/README.md finds all of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'samples/README.md',
  ...pages.map((name) => `docs/${name}`),
];

function textOf(name: string): string {
  return readFileSync(new URL(name, root), 'utf8');
}

/** As GitHub names it. */
function anchorsOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const links = documents.flatMap((name) => {
  const targets = [
    ...textOf(name).matchAll(/\]\((?!https?:)([^)]+)\)|(?:src|srcset)="(?!https?:)([^"]+)"/g),
  ].map(([, to, picture]) => to ?? picture ?? '');
  return [...new Set(targets)].map((target) => [name, target] as const);
});

it.each(links)('%s links to %s, which exists', (name, link) => {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? new URL(name, root) : new URL(file, new URL(name, root));
  expect(existsSync(target)).toBe(true);
  if (anchor !== undefined) expect(anchorsOf(readFileSync(target, 'utf8'))).toContain(anchor);
});

describe('README.md', () => {
  it('can be read in a minute', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThan(120);
  });

  it('is found by npm together with the pages that it links to', () => {
    const { files } = createRequire(import.meta.url)('../../package.json') as {
      readonly files: readonly string[];
    };
    expect(files).toContain('docs');
  });
});

describe('docs/README.md', () => {
  it.each(pages.filter((name) => name !== 'README.md'))('has %s', (name) => {
    expect(textOf('docs/README.md')).toContain(`](${name})`);
  });
});
