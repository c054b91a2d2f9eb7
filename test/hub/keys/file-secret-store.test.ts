import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createFileSecretStore } from '../../../src/hub/keys/file-secret-store.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function emptyStore() {
  const root = await mkdtemp(path.join(tmpdir(), 'secrets-'));
  folders.push(root);
  const folder = path.join(root, 'data', 'Functions', 'secrets');
  return { root, folder, store: createFileSecretStore(folder) };
}

describe('keys in files', () => {
  it('are there for this user only, and not for git', async () => {
    const { folder, store } = await emptyStore();

    expect(await store.read('host.json')).toBeUndefined();
    expect(await store.write('host.json', '{"a":1}', undefined)).toBe(true);

    expect((await readdir(folder)).toSorted()).toEqual(['.gitignore', 'host.json']);
    expect((await stat(path.join(folder, 'host.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readFile(path.join(folder, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('are created once, whoever comes first', async () => {
    const { folder, store } = await emptyStore();

    const texts = Array.from({ length: 8 }, (_, index) => `{"n":${index}}`);
    const written = await Promise.all(
      texts.map((text) => store.write('host.json', text, undefined)),
    );

    expect(written.filter(Boolean)).toHaveLength(1);
    const winner = texts[written.indexOf(true)];
    expect((await store.read('host.json'))?.text).toBe(winner);
    expect((await readdir(folder)).toSorted()).toEqual(['.gitignore', 'host.json']);
  });

  it('are replaced by who has read the last version, and stay private', async () => {
    const { folder, store } = await emptyStore();
    await store.write('host.json', '1', undefined);
    const first = await store.read('host.json');

    expect(await store.write('host.json', '2', first?.version)).toBe(true);
    expect(await store.write('host.json', '3', first?.version)).toBe(false);

    expect((await store.read('host.json'))?.text).toBe('2');
    expect((await stat(path.join(folder, 'host.json'))).mode & 0o777).toBe(0o600);
  });

  it.skipIf(process.getuid?.() === 0)('report a folder that may not be written', async () => {
    const { root, store } = await emptyStore();
    await chmod(root, 0o500);

    await expect(store.write('host.json', '1', undefined)).rejects.toThrow('EACCES');
    await chmod(root, 0o700);
  });
});
