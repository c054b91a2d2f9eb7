/** `func durable export` and `import` as a user types them. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { configFolder } from '../config/config-folder.ts';
import { localSettings } from '../support/durable-folder.ts';
import { func } from '../support/func-command.ts';
import { freshHubName } from '../support/azurite.ts';

/** An app whose hub in its folder has one instance. */
async function appWithInstance() {
  const hubName = freshHubName();
  const folder = await configFolder({
    'host.json': { version: '2.0', extensions: { durableTask: { hubName } } },
    'local.settings.json': localSettings(),
  });
  const here = ['--script-root', folder];
  const local = [...here, '--storage', 'local'];
  await func('durable', 'start-new', '--function-name', 'Any', '--id', 'one', ...local);
  return { folder, hubName, here, local, file: path.join(folder, 'hub.jsonl') };
}

describe('func durable export', () => {
  it('carries a hub from a folder to the storage account and back', async () => {
    const { here, local, file } = await appWithInstance();

    const out = await func('durable', 'export', '--output', 'hub.jsonl', ...local);
    const up = await func('durable', 'import', '--input', file, '--storage', 'azure', ...here);
    const list = await func('durable', 'get-instances', '--json', '--storage', 'azure', ...here);
    const back = await func('durable', 'export', '--output', file, '--json', ...here);
    const again = await func('durable', 'import', '--input', file, ...local);
    await func('durable', 'delete-task-hub', ...here);

    expect(out.out).toBe(`Exported 1 instances with 0 events, and 1 messages, to ${file}.`);
    expect(up).toMatchObject({ code: 0 });
    expect(up.out).toContain('Imported 1 instances with 0 events, and 1 messages, into task hub');
    expect(JSON.parse(list.out)).toMatchObject({ instances: [{ instanceId: 'one' }] });
    expect(JSON.parse(back.out)).toMatchObject({ instances: 1, messages: 1, leftOut: 0 });
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toContain('has instances already, and nothing was imported');
  });

  it('is refused while a host works on the hub, and keeps a file that is there', async () => {
    const { folder, hubName, local, file } = await appWithInstance();
    const options = { path: path.join(folder, '.durable'), taskHub: hubName, log: silentLogger };
    const host = createLocalBackend(options);
    await host.start();
    await writeFile(file, 'before');

    const refused = await func('durable', 'export', '--output', file, ...local);
    const text = await readFile(file, 'utf8');
    const forced = await func('durable', 'export', '--output', file, '--force', ...local);
    const into = await func('durable', 'import', '--input', file, '--merge', ...local);
    await host.stop();

    expect(refused.code).toBe(1);
    expect(refused.err).toContain('is in use, and nothing was exported:');
    expect(text).toBe('before');
    expect(forced.code).toBe(0);
    expect(into.err).toContain('is in use, and nothing was imported:');
  });

  it('names a file that cannot be read or written', async () => {
    const { local } = await appWithInstance();

    const read = await func('durable', 'import', '--input', '/nowhere/hub.jsonl', ...local);
    const written = await func('durable', 'export', '--output', '/nowhere/hub.jsonl', ...local);

    expect([read.code, written.code]).toEqual([1, 1]);
    expect(read.err).toContain('The file /nowhere/hub.jsonl cannot be read');
    expect(written.err).toContain('The file /nowhere/hub.jsonl cannot be written');
  });
});
