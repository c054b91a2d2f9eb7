/** Names of blobs come from messages and rows, which others can write: whatever they are, no other container is asked for anything. */
import { AnonymousCredential, ContainerClient, newPipeline } from '@azure/storage-blob';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { resolvePayload } from '../../src/azure-storage/blobs/payload-reference.ts';

const CONTAINER = 'http://127.0.0.1:10000/devstoreaccount1/hub-largemessages';

/** Where requests go is asked of the client itself; none gets an answer. */
function recorded() {
  const urls: string[] = [];
  const httpClient = {
    sendRequest: ({ url }: { readonly url: string }) => {
      urls.push(new URL(url).href);
      return Promise.reject(new Error('nobody is here'));
    },
  };
  const retryOptions = { maxTries: 1 };
  const pipeline = newPipeline(new AnonymousCredential(), { httpClient, retryOptions });
  return { urls, payloads: new LargePayloads(new ContainerClient(CONTAINER, pipeline)) };
}

const part = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2E.',
    '%2f',
    '\\',
    '..\\',
    'i',
    'other',
    '',
    '?',
    '#',
    '@',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => /^\P{Surrogate}*$/u.test(text)),
);
const file = 'history-0000000000000001-ExecutionCompleted-0A1B2C3D-Result.json.gz';
const name = fc
  .tuple(fc.array(part, { maxLength: 5 }), fc.constantFrom('', file))
  .map(([parts, end]) => [...parts, end].join('/'));

async function expectInside(urls: readonly string[], asked: Promise<unknown>): Promise<void> {
  await asked.catch(() => undefined);
  for (const url of urls) expect(url.startsWith(`${CONTAINER}/`)).toBe(true);
}

describe('the name of a payload', () => {
  it('never leads out of the container', async () => {
    const { urls, payloads } = recorded();
    await fc.assert(
      fc.asyncProperty(name, (text) => expectInside(urls, payloads.download(text))),
      { numRuns: 200 },
    );
    expect(urls.length).toBeGreaterThan(40);
  });

  it('never leads there from a text of a row, or to a payload of another instance', async () => {
    const { urls, payloads } = recorded();
    const origin = fc.constantFrom(CONTAINER, CONTAINER.toUpperCase(), 'http://127.0.0.1:10000');
    await fc.assert(
      fc.asyncProperty(origin, name, fc.boolean(), async (start, text, isOwn) => {
        const url = isOwn ? payloads.urlOf(`i/${file}`) : `${start}/${text}`;
        await expectInside(
          urls,
          resolvePayload(url, { column: 'Output', instanceId: 'i' }, payloads),
        );
      }),
      { numRuns: 200 },
    );
    expect(new Set(urls)).toEqual(new Set([payloads.urlOf(`i/${file}`)]));
  });
});
