import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

import { BlobServiceClient } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';

import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { resolvePayload } from '../../src/azure-storage/blobs/payload-reference.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { CorruptMessageError, InvalidInputError } from '../../src/core/errors.ts';
import { goldenFile } from '../golden/recordings.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

const NAME = "a/b c'(é)/message-1-EventRaised.json.gz";

describe('large payloads', () => {
  it('come back as they went, gzipped in between, in a container made when the first is written', async () => {
    const { container, payloads } = fresh();
    const text = 'é😀'.repeat(50_000);

    await payloads.upload(NAME, text);

    expect(await payloads.download(NAME)).toBe(text);
    const stored = await container.getBlobClient(NAME).downloadToBuffer();
    expect(gunzipSync(stored).toString('utf8')).toBe(text);
  });

  it('read as absent before there is a container', async () => {
    const { payloads } = fresh();

    await expect(payloads.download(NAME)).rejects.toThrow(CorruptMessageError);
    expect(await payloads.delete(NAME)).toBe(false);
    expect(await namesOf(payloads.list(''))).toEqual([]);
  });

  it('are listed by prefix and deleted by name', async () => {
    const { payloads } = fresh();
    for (const name of ['a/1.json.gz', 'a/2.json.gz', 'ab/1.json.gz'])
      await payloads.upload(name, name);

    expect(await payloads.delete('a/1.json.gz')).toBe(true);
    expect(await payloads.delete('a/1.json.gz')).toBe(false);
    expect(await namesOf(payloads.list('a/'))).toEqual(['a/2.json.gz']);
    await expect(payloads.download('a/1.json.gz')).rejects.toThrow(
      /'a\/1\.json\.gz' is not in container/,
    );
  });

  it('that are not gzipped are called by name', async () => {
    const { container, payloads } = fresh();
    await container.create();
    await container.getBlockBlobClient(NAME).upload('plain', 5);

    await expect(payloads.download(NAME)).rejects.toThrow(/is not a gzipped text/);
  });
});

describe('the URL of a large payload', () => {
  it('names it with every segment escaped, and is read back', () => {
    const { container, payloads } = fresh();

    const url = payloads.urlOf(NAME);

    expect(url).toBe(`${container.url}/a/b%20c%27%28%C3%A9%29/message-1-EventRaised.json.gz`);
    expect(payloads.nameFromUrl(url)).toBe(NAME);
  });

  it('may call this machine by another name', () => {
    const { container, payloads } = fresh();
    const { port, pathname } = new URL(container.url);

    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      expect(payloads.nameFromUrl(`http://${host}:${port}${pathname}/x/y.json.gz`)).toBe(
        'x/y.json.gz',
      );
    }
  });

  it.each([
    ['text', () => 'because I said'],
    ['JSON', (url: string) => JSON.stringify(url)],
    ['of another host', (url: string) => url.replace('127.0.0.1', 'example.com')],
    ['of another port', (url: string) => url.replace(/:\d+/, ':1')],
    ['of another scheme', (url: string) => url.replace('http:', 'https:')],
    ['with a user', (url: string) => url.replace('://', '://me@')],
    ['with a query', (url: string) => `${url}?sig=x`],
    ['with an empty query', (url: string) => `${url}?`],
    ['with a fragment', (url: string) => `${url}#x`],
    ['of another container', (url: string) => url.replace('-largemessages', '-largemessages2')],
    ['of the container itself', (url: string) => url.replace(/[^/]+\/[^/]+$/, '')],
    ['with dots', (url: string) => url.replace('/i/', '/i/../../other/')],
    ['with encoded dots', (url: string) => url.replace('/i/', '/%2e%2E/other/')],
    ['with an encoded slash between dots', (url: string) => url.replace('/i/', '/..%2Fother/')],
    ['with a space before', (url: string) => ` ${url}`],
  ])('is not what is %s', (_what, change) => {
    const { payloads } = fresh();

    expect(payloads.nameFromUrl(change(payloads.urlOf('i/x.json.gz')))).toBeUndefined();
  });
});

describe('the name of a large payload', () => {
  it.each(['../other/x.json.gz', 'i/../../other/x.json.gz', '..', '.', 'i/./x', '', 'i/..'])(
    'stays in the container: not %j',
    async (name) => {
      const { container, payloads } = fresh();
      const service = BlobServiceClient.fromConnectionString(azuriteConnectionString());
      const other = service.getContainerClient('other');
      await Promise.all([container.create(), other.createIfNotExists()]);
      await other.getBlockBlobClient('x.json.gz').uploadData(gzipSync('"secret"'));

      await expect(payloads.download(name)).rejects.toThrow(CorruptMessageError);
      await expect(payloads.delete(name)).rejects.toThrow(/is not the name of a large payload/);
    },
  );
});

describe('a large payload that is too long', () => {
  const LIMIT = 100_000;

  it('is not unpacked any further than that', async () => {
    const { container, payloads } = fresh(LIMIT);
    await container.create();
    await container.getBlockBlobClient(NAME).uploadData(gzipSync(Buffer.alloc(64 * LIMIT)));

    await expect(payloads.download(NAME)).rejects.toThrow(/is longer than 100000 bytes once/);
    await payloads.upload('i/x', 'x'.repeat(LIMIT));
    expect(await payloads.download('i/x')).toHaveLength(LIMIT);
  });

  it('is not even fetched when its blob is', async () => {
    const { container, payloads } = fresh(LIMIT);
    await container.create();
    await container.getBlockBlobClient(NAME).uploadData(randomBytes(LIMIT + 1));

    await expect(payloads.download(NAME)).rejects.toThrow(/is longer than 100000 bytes, which/);
  });

  it('is not written', async () => {
    await expect(fresh(LIMIT).payloads.upload(NAME, 'é'.repeat(LIMIT / 2 + 1))).rejects.toThrow(
      InvalidInputError,
    );
  });
});

describe('an Input or Output column', () => {
  const output = { column: 'Output', instanceId: 'i' } as const;
  const input = { column: 'Input', instanceId: 'i' } as const;

  it('is the text itself, or what its URL names', async () => {
    const { payloads } = fresh();
    const names = [
      'i/history-0000000000000001-ExecutionCompleted-0A1B2C3D-Result.json.gz',
      'i/history-0000000000000001-ContinueAsNew-0A1B2C3D-Result.json.gz',
      'i/history-0000000000000001-ExecutionTerminated-0A1B2C3D-Input.json.gz',
      'i/history-0000000000000001-ExecutionResumed-0A1B2C3D-Reason.json.gz',
      'i/history--Output-0A1B2C3D-Output.json.gz',
      // Of old engines.
      'i/history-0000000000000001-executioncompleted-result.json.gz',
    ];
    for (const name of names) {
      await payloads.upload(name, '"large"');
      expect(await resolvePayload(payloads.urlOf(name), output, payloads)).toBe('"large"');
      expect(await resolvePayload(payloads.urlOf(name), input, payloads)).toBe(
        payloads.urlOf(name),
      );
    }
    expect(await resolvePayload('"small"', output, payloads)).toBe('"small"');
    expect(await resolvePayload(null, output, payloads)).toBeNull();
  });

  it('is the input of the start message that its URL names', async () => {
    const { payloads } = fresh();
    const [start = ''] = goldenFile<string>('queue-messages', 'every-event-type.json');
    const name = `i/message-${'0a'.repeat(16)}-ExecutionStarted.json.gz`;
    await payloads.upload(name, start);

    expect(await resolvePayload(payloads.urlOf(name), input, payloads)).toBe('"Tokyo"');
  });

  it('finds payloads of .NET, whose names have the id as it is', async () => {
    const { payloads } = fresh();
    const name = `Order/1/message-${'0a'.repeat(16)}-ExecutionStarted.json.gz`;
    const [start = ''] = goldenFile<string>('queue-messages', 'every-event-type.json');
    await payloads.upload(name, start);

    const url = payloads.urlOf(name);
    expect(await resolvePayload(url, { ...input, instanceId: 'Order/1' }, payloads)).toBe(
      '"Tokyo"',
    );
  });

  it.each([
    'j/history-0000000000000001-ExecutionCompleted-0A1B2C3D-Result.json.gz',
    'i/j/history-0000000000000001-ExecutionCompleted-0A1B2C3D-Result.json.gz',
    'i/history-0000000000000001-TaskCompleted-0A1B2C3D-Result.json.gz',
    `i/message-${'0a'.repeat(16)}-ExecutionStarted.json.gz`,
    'i/anything.json.gz',
  ])('is a text when nothing of its own has the name %s', async (name) => {
    const { payloads } = fresh();
    await payloads.upload(name, '"secret"');
    const url = payloads.urlOf(name);

    expect(await resolvePayload(url, output, payloads)).toBe(url);
  });
});

function fresh(maxTextBytes?: number) {
  const service = BlobServiceClient.fromConnectionString(azuriteConnectionString());
  const container = service.getContainerClient(hubNames(freshHubName(), 1).largeMessageContainer);
  return { container, payloads: new LargePayloads(container, maxTextBytes) };
}

async function namesOf(listed: AsyncIterable<string>): Promise<string[]> {
  const names: string[] = [];
  for await (const name of listed) names.push(name);
  return names;
}
