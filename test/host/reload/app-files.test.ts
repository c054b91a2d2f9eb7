import { describe, expect, it } from 'vitest';
import { isAppFile } from '../../../src/host/reload/app-files.ts';
import type { WatchedApp } from '../../../src/host/reload/messages.ts';

const APP: WatchedApp = {
  scriptRoot: '/home/me/.work/app',
  settingFiles: ['/home/me/.work/host.json', '/home/me/.work/app/local.settings.json'],
  directories: ['/home/me/.work/app/Shared'],
  fileNames: ['prices.csv'],
  isEnabled: true,
};

describe('the files that restart an app', () => {
  it.each([
    'app.js',
    'dist/src/functions/hello.js',
    'lib/a.mjs',
    'lib/a.cjs',
    'Hello/function.json',
    'package.json',
    'local.settings.json',
    '../host.json',
    'data/prices.csv',
    'Shared/anything.txt',
    'node_modules/.package-lock.json',
  ])('%s is one', (name) => {
    expect(isAppFile(new URL(name, 'file:///home/me/.work/app/').pathname, APP)).toBe(true);
  });

  it.each([
    'src/functions/hello.ts',
    'data/state.json',
    'host.log',
    'README.md',
    'node_modules/durable-functions/lib/index.js',
    'lib/node_modules/x/index.js',
    '.git/hooks/a.js',
    '.azurite/x.js',
    '.vscode/settings.json',
    'Shared/node_modules/x.js',
    '../other.json',
  ])('%s is none', (name) => {
    expect(isAppFile(new URL(name, 'file:///home/me/.work/app/').pathname, APP)).toBe(false);
  });
});
