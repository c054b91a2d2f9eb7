/** The npm package: what is in it, and what an installation of it weighs. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/func-process.ts';
import { productionPackages } from '../support/installed-packages.ts';

const MEGABYTE = 1_000_000;

interface Packed {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

async function pack(): Promise<Packed> {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: REPOSITORY });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (packed === undefined) throw new Error('npm pack said nothing');
  return packed;
}

const packed = await pack();
const files = packed.files.map((file) => file.path);

describe('the package', () => {
  it('has the files that users need, and no others', () => {
    const top = new Set(files.map((file) => file.split('/')[0]));

    expect([...top].sort()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist',
      'docs',
      'main.js',
      'package.json',
      'testing.cjs',
    ]);
    expect(files.filter((file) => /\.map$|(?<!\.d)\.tsx?$/.test(file))).toEqual([]);
  });

  it('has all that its package.json names', () => {
    const { bin, exports } = createRequire(import.meta.url)('../../package.json') as {
      readonly bin: Readonly<Record<string, string>>;
      readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    };
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );

    for (const target of [...Object.values(bin), ...targets]) {
      expect(files).toContain(path.posix.normalize(target));
    }
  });

  it('declares nothing by types that are not installed with it', async () => {
    const declarations = files.filter((file) => file.endsWith('.d.ts'));
    const texts = await Promise.all(
      declarations.map((file) => readFile(path.join(REPOSITORY, file), 'utf8')),
    );
    const imported = texts.flatMap((text) =>
      [...text.replaceAll(/\/\*[^]*?\*\//g, '').matchAll(/(?:from|import\() ?'([^.'][^']*)'/g)].map(
        ([, name]) => name,
      ),
    );

    expect(declarations).toContain('dist/index.d.ts');
    expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([]);
  });

  it('runs on what is installed with it: the clients of Azure Storage are in it', async () => {
    const texts = await Promise.all(
      files
        .filter((file) => file.endsWith('.js'))
        .map((file) => readFile(path.join(REPOSITORY, file), 'utf8')),
    );
    const { dependencies } = createRequire(import.meta.url)('../../package.json') as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/^(?:import|export)[^;]* from ["']([^."'][^"']*)["'];$/gm)].map(
        ([, name = '']) => name,
      ),
    );
    const packages = imported
      .filter((name) => !isBuiltin(name))
      .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '');

    expect(packages).toContain('hono');
    expect(packages.filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
  });

  it('installs little, and no emulator', async () => {
    const packages = await productionPackages();
    const bytes = packages.reduce((sum, each) => sum + each.bytes, packed.unpackedSize);

    expect(packages.length + 1).toBeLessThan(40);
    expect(bytes / MEGABYTE).toBeLessThan(40);
    expect(packages.map(({ place }) => place)).not.toContain('node_modules/azurite');
  });

  it('installs nothing whose origin docs/dependencies.md does not tell', async () => {
    const page = await readFile(path.join(REPOSITORY, 'docs/dependencies.md'), 'utf8');
    const packages = await productionPackages();
    // Binaries are there for several platforms; the page tells of one.
    const names = packages.map(({ place }) =>
      place.replace(/^.*node_modules\//, '').replace(/-(?:linux|darwin|win32)-\w+$/, '-linux-x64'),
    );

    expect(names.filter((name) => !page.includes(`| \`${name}\` `))).toEqual([]);
  });
});
