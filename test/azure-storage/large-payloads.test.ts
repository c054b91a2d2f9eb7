import { gunzipSync } from 'node:zlib';

import { BlobServiceClient } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';

import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { resolvePayload } from '../../src/azure-storage/blobs/payload-reference.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { CorruptMessageError } from '../../src/core/errors.ts';
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

  it('may say another host of the same account', () => {
    const { container, payloads } = fresh();
    const url = `http://azurite:10000${new URL(container.url).pathname}/x/y.json.gz`;

    expect(payloads.nameFromUrl(url)).toBe('x/y.json.gz');
  });

  it.each([
    'because I said',
    '"http://a/json/text"',
    'https://example.com/page',
    'http://127.0.0.1:10000/devstoreaccount1/otherhub-largemessages/x.json.gz',
  ])('is not what %j is', (text) => {
    expect(fresh().payloads.nameFromUrl(text)).toBeUndefined();
  });
});

describe('an Input or Output column', () => {
  it('is the text itself, or what its URL names', async () => {
    const { payloads } = fresh();
    await payloads.upload('i/history-1-ExecutionCompleted-0-Result.json.gz', '"large"');

    const url = payloads.urlOf('i/history-1-ExecutionCompleted-0-Result.json.gz');

    expect(await resolvePayload(url, payloads)).toBe('"large"');
    expect(await resolvePayload('"small"', payloads)).toBe('"small"');
    expect(await resolvePayload(null, payloads)).toBeNull();
  });

  it('is the input of the start message that its URL names', async () => {
    const { payloads } = fresh();
    const [start = ''] = goldenFile<string>('queue-messages', 'every-event-type.json');
    await payloads.upload('i/message-1-ExecutionStarted.json.gz', start);

    const url = payloads.urlOf('i/message-1-ExecutionStarted.json.gz');

    expect(await resolvePayload(url, payloads)).toBe('"Tokyo"');
  });
});

function fresh() {
  const service = BlobServiceClient.fromConnectionString(azuriteConnectionString());
  const container = service.getContainerClient(hubNames(freshHubName(), 1).largeMessageContainer);
  return { container, payloads: new LargePayloads(container) };
}

async function namesOf(listed: AsyncIterable<string>): Promise<string[]> {
  const names: string[] = [];
  for await (const name of listed) names.push(name);
  return names;
}
