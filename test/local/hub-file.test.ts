/** What a file may be that a host finds: one clear line for each, and nothing is changed in it. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { start, id } from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import {
  hubFile,
  localOptions,
  openDatabase,
  removeFolder,
  TASK_HUB,
  temporaryFolder,
} from '../support/local-hub.ts';

let folder: string;
const mounted: string[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  for (const place of mounted.splice(0)) execFileSync('umount', ['-l', place]);
  removeFolder(folder);
});

async function filledHub(instances = 40): Promise<void> {
  const backend = createLocalBackend(localOptions(folder));
  await backend.createHub();
  for (let n = 0; n < instances; n++) {
    await backend.createInstance(
      start(id(`order-${n}`), { Input: JSON.stringify('x'.repeat(5_000)) }),
      undefined,
    );
  }
  await backend.stop();
}

function digest(): string {
  return createHash('sha256')
    .update(readFileSync(hubFile(folder)))
    .digest('hex');
}

async function refusal(): Promise<string> {
  const backend = createLocalBackend(localOptions(folder));
  const error: unknown = await backend.createHub().then(
    () => undefined,
    (failure: unknown) => failure,
  );
  await backend.stop();
  return (error as Error | undefined)?.message ?? 'opened';
}

/** @returns why it cannot be, where this process may not. */
function mount(place: string, ...options: readonly string[]): string | undefined {
  try {
    execFileSync('mount', [...options, place], { stdio: 'pipe' });
    if (!mounted.includes(place)) mounted.push(place);
    return undefined;
  } catch (error) {
    return `mount ${options.join(' ')}: ${String(error)}`;
  }
}

describe('the file of a hub', () => {
  it.each([
    ['cut short', 0.5, 'bytes, and'],
    ['cut within the first page', 0.001, 'does not begin as the file of a task hub does'],
    ['cut to nothing', 0, 'does not begin as the file of a task hub does'],
  ])('is refused when it is %s, and stays as it is', async (_, part, reason) => {
    await filledHub();
    truncateSync(hubFile(folder), Math.floor(statSync(hubFile(folder)).size * part));
    const before = digest();

    const message = await refusal();

    expect(message).toContain(`The file ${hubFile(folder)} is damaged: `);
    expect(message).toContain(reason);
    expect(message).not.toContain('\n');
    expect(digest()).toBe(before);
  });

  it('is refused when it is something else', async () => {
    mkdirSync(path.join(folder, TASK_HUB));
    writeFileSync(hubFile(folder), 'not a database '.repeat(2_000));

    expect(await refusal()).toContain('does not begin as the file of a task hub does');
  });

  it('is refused when a newer version wrote it, and stays as it is', async () => {
    await filledHub(1);
    const database = openDatabase(folder);
    await database.write(({ meta }) => () => {
      meta.putSync('format', '2');
    });
    await database.close();
    const before = digest();

    const message = await refusal();

    expect(message).toContain(`The file ${hubFile(folder)} has format 2`);
    expect(message).toContain('a newer version of durable-functions-extension wrote it');
    expect(message).not.toContain('\n');
    expect(digest()).toBe(before);
  });

  it('is opened again when it was closed', async () => {
    await filledHub(3);

    expect(await refusal()).toBe('opened');
  });

  it('is refused in a folder that cannot be written, with the reason', async ({ skip }) => {
    await filledHub(1);
    const problem = mount(folder, '--bind', folder) ?? mount(folder, '-o', 'remount,ro,bind');
    if (problem !== undefined) skip(problem);

    const message = await refusal();

    expect(message).toMatch(/could not be opened: .*(read-only|Read-only|EROFS|permission)/i);
    expect(message).not.toContain('\n');
  });
});

describe('a disk that is full', () => {
  it('is said once; nothing that was acknowledged is lost, and work goes on when there is room', async ({
    skip,
  }) => {
    const problem = mount(folder, '-t', 'tmpfs', '-o', 'size=12m', 'tmpfs');
    if (problem !== undefined) skip(problem);
    const records: LogRecord[] = [];
    const log = { write: (record: LogRecord) => void records.push(record) };
    const backend = createLocalBackend(localOptions(folder, { log }));
    await backend.createHub();
    writeFileSync(path.join(folder, 'others'), Buffer.alloc(3_000_000));
    const acknowledged: string[] = [];
    const refused: string[] = [];
    const Input = JSON.stringify('x'.repeat(50_000));
    for (let n = 0; n < 120; n++) {
      try {
        await backend.createInstance(start(id(`order-${n}`), { Input }), undefined);
        acknowledged.push(`order-${n}`);
      } catch (error) {
        refused.push((error as Error).message);
      }
    }
    expect(acknowledged.length).toBeGreaterThan(5);
    expect(new Set(refused)).toEqual(
      new Set([
        `The disk of ${path.join(folder, TASK_HUB)} is full: nothing can be stored before there is room again.`,
      ]),
    );
    expect(records.map(({ eventId }) => eventId)).toEqual([20015]);

    writeFileSync(path.join(folder, 'others'), '');
    await backend.start();
    await eventually(async () => {
      await backend.createInstance(start(id('afterwards')), undefined);
      return true;
    });

    for (const name of [...acknowledged, 'afterwards']) {
      const record = await backend.findInstance(id(name), { input: true });
      expect(record?.input?.length).toBeGreaterThan(3);
    }
    expect(records.map(({ eventId }) => eventId)).toEqual([20015, 20016]);
    await backend.stop();
  });

  it('in the middle of a commit undoes that one alone, and is said', async ({ skip }) => {
    const problem = mount(folder, '-t', 'tmpfs', '-o', 'size=32m', 'tmpfs');
    if (problem !== undefined) skip(problem);
    const records: LogRecord[] = [];
    const log = { write: (record: LogRecord) => void records.push(record) };
    const backend = createLocalBackend(localOptions(folder, { log }));
    await backend.createHub();
    await backend.createInstance(start(id('before')), undefined);
    writeFileSync(path.join(folder, 'others'), Buffer.alloc(24_000_000));

    const Input = JSON.stringify('x'.repeat(12_000_000));
    await expect(backend.createInstance(start(id('large'), { Input }), undefined)).rejects.toThrow(
      /could not be written: .*, with \d\.\d MB free on its disk$/,
    );
    expect(backend.outage()?.reason).toContain('could not be written');
    // What was written of it stays in the file, as room for what comes.
    await expect(backend.createInstance(start(id('small')), undefined)).rejects.toThrow(/is full/);
    writeFileSync(path.join(folder, 'others'), '');
    await backend.createInstance(start(id('small')), undefined);
    await backend.createInstance(start(id('large'), { Input }), undefined);
    expect(backend.outage()).toBeUndefined();

    const found = await Promise.all(
      ['before', 'small', 'large'].map(async (name) => backend.findInstance(id(name))),
    );
    expect(found.map((record) => record?.runtimeStatus)).toEqual(['Pending', 'Pending', 'Pending']);
    expect(records.map(({ eventId }) => eventId)).toEqual([20015, 20016]);
    await backend.stop();
  });
});
