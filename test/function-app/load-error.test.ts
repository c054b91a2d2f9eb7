import { createRequire } from 'node:module';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { transformSync } from 'esbuild';
import { loadErrorText } from '../../src/function-app/loading/load-error.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

let app: ScratchApp | undefined;
afterEach(() => app?.remove());

/** What is said when the first of the files cannot be loaded. */
async function said(files: Readonly<Record<string, string>>): Promise<string> {
  app = await createScratchApp({ files });
  const root = await realpath(app.folder);
  const file = path.join(root, Object.keys(files)[0] ?? '');
  try {
    createRequire(file)(file);
  } catch (error) {
    const { summary, details } = await loadErrorText(error, file, root);
    return summary + details;
  }
  throw new Error('the file was loaded');
}

const SOURCE = `interface City {
  name: string;
}
import { city } from './nope';
const cities: City[] = [city];
export const names = cities.map((each) => each.missing.name);
`;
const STUB = { 'dist/nope.js': 'exports.city = {};' };

/** What a compiler makes of it, with its map as a file or within. */
function compiled(code: string, map: 'inline' | 'external'): Readonly<Record<string, string>> {
  const { code: js, map: json } = transformSync(code, {
    loader: 'ts',
    format: 'cjs',
    sourcemap: map,
    sourcefile: '../src/a.ts',
  });
  if (map === 'inline') return { 'dist/a.js': js, 'src/a.ts': code };
  const link = '//# sourceMappingURL=a.js.map\n';
  return { 'dist/a.js': js + link, 'dist/a.js.map': json, 'src/a.ts': code };
}

function withoutSource(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !name.startsWith('src/')));
}

describe('what is said of TypeScript that cannot be loaded', () => {
  const missing = `Cannot find module './nope' at src/a.ts:4:22
  import { city } from './nope';
                       ^`;
  const thrown = `Cannot read properties of undefined (reading 'name') at src/a.ts:6:56
  export const names = cities.map((each) => each.missing.name);
                                                         ^`;

  it.each([
    ['a module that is not there', compiled(SOURCE, 'external'), missing],
    ['the same, with the map in the file', compiled(SOURCE, 'inline'), missing],
    ['an error of the code', { ...compiled(SOURCE, 'external'), ...STUB }, thrown],
    [
      'a file above it',
      {
        'dist/b.js': "require('./c.js');\n//# sourceMappingURL=b.js.map",
        'dist/b.js.map':
          '{"version":3,"sources":["b.ts"],"sourceRoot":"../src","names":[],"mappings":""}',
        'dist/c.js': "require('./nope');\n",
        'src/b.ts': '',
      },
      `Cannot find module './nope' at dist/c.js:1:1
  require('./nope');
  ^
  required by src/b.ts`,
    ],
    ['code without its source', withoutSource(compiled(SOURCE, 'external')), /at dist\/a\.js:\d+/],
    [
      'a map that is no JSON',
      { ...compiled(SOURCE, 'external'), 'dist/a.js.map': '{' },
      /at dist\/a\.js:\d+/,
    ],
  ])('%s', async (_, files, text) => {
    expect(await said(files)).toMatch(text);
  });
});

describe('what is said of code that cannot be loaded', () => {
  it.each([
    [
      'a module that is not there, required by a file below the one that was to be loaded',
      { 'src/a.js': "require('./lib/b.js');", 'src/lib/b.js': "\nconst c = require('./nope');" },
      `Cannot find module './nope' at src/lib/b.js:2:11
  const c = require('./nope');
            ^
  required by src/a.js`,
    ],
    [
      'a syntax error in such a file',
      { 'src/a.js': "require('./lib/b.js');", 'src/lib/b.js': '\nconst c = ;' },
      `Unexpected token ';' at src/lib/b.js:2:11
  const c = ;
            ^`,
    ],
    [
      'an error of the code, below a package that called it',
      {
        'a.js': "require('package').run(require('./lib/b.js'));",
        'lib/b.js': '\nmodule.exports = () => missing();',
        'node_modules/package/index.js': 'exports.run = (callback) => callback();',
      },
      `missing is not defined at lib/b.js:2:24
  module.exports = () => missing();
                         ^`,
    ],
    [
      'an error thrown by a package',
      {
        'a.js': "require('package').run();",
        'node_modules/package/index.js': "exports.run = () => { throw new Error('no key'); };",
      },
      `no key at a.js:1:20
  require('package').run();
                     ^`,
    ],
    ['what is no error', { 'a.js': "throw 'a text';" }, 'a text'],
  ])('%s', async (_, files, text) => {
    expect(await said(files)).toBe(text);
  });
});
