import { describe, expect, it } from 'vitest';
import { parseBlobPattern } from '../../src/bindings/blob-trigger/blob-pattern.ts';
import { eventually } from '../support/eventually.ts';
import { blobApp, classicBlobFunction, putBlob, v4BlobFunction } from './blob-app.ts';
import { freshName, storage } from './bound-app.ts';

const HOSTS = 'azure-webjobs-hosts';

async function waitForRuns(results: readonly unknown[], count: number): Promise<void> {
  await eventually(() => results.length >= count, { timeoutMs: 20_000 });
}

async function poisoned(functionId: string): Promise<unknown> {
  const { receivedMessageItems } = await storage()
    .queue('webjobs-blobtrigger-poison')
    .receiveMessages({ numberOfMessages: 32, visibilityTimeout: 1 });
  return receivedMessageItems
    .map(({ messageText }) => JSON.parse(Buffer.from(messageText, 'base64').toString()) as object)
    .find((message) => 'FunctionId' in message && message.FunctionId === functionId);
}

async function receiptNames(hostId: string): Promise<readonly string[]> {
  const names: string[] = [];
  const prefix = `blobreceipts/${hostId}/`;
  for await (const { name } of storage().container(HOSTS).listBlobsFlat({ prefix })) {
    names.push(name.slice(prefix.length));
  }
  return names;
}

describe('a blob trigger', () => {
  it.each([
    ['classic', classicBlobFunction],
    ['v4', v4BlobFunction],
  ])('gives a %s function each blob that fits as bytes, once', async (_, files) => {
    const container = freshName('c');
    const hostId = freshName('host');
    await putBlob(container, 'in/old.txt', 'old');
    await putBlob(container, 'other/old.txt', 'not for it');
    const code = `return Buffer.isBuffer(blob) && blob.toString();`;
    const app = await blobApp(files(`${container}/in/{name}`, code), hostId);

    app.start();
    await waitForRuns(app.results, 1);
    await putBlob(container, 'in/new.txt', 'new');
    await waitForRuns(app.results, 2);
    await putBlob(container, 'in/new.txt', 'newer');
    await waitForRuns(app.results, 3);
    await app.stop();

    expect(app.returned()).toEqual(['old', 'new', 'newer']);
  });

  it('tells where the blob is, what it is, and what the path stands for', async () => {
    const container = freshName('c');
    await putBlob(container, 'a/b.c.json', '{"inner":1}', { owner: 'me' });
    const app = await blobApp(
      v4BlobFunction(
        `${container}/a/{name}.{ext}`,
        'return JSON.stringify(context.triggerMetadata);',
      ),
      freshName('host'),
    );

    app.start();
    await waitForRuns(app.results, 1);

    expect(JSON.parse(app.returned()[0] ?? '')).toMatchObject({
      blobTrigger: `${container}/a/b.c.json`,
      uri: expect.stringMatching(new RegExp(`^http://.*/${container}/a/b.c.json$`)) as string,
      name: 'b.c',
      ext: 'json',
      metadata: { owner: 'me' },
      properties: {
        contentLength: 11,
        contentType: 'text/plain',
        lastModified: expect.stringMatching(/^\d{4}-.*\+00:00$/) as string,
        eTag: expect.stringMatching(/0x/) as string,
      },
      sys: { methodName: 'F' },
    });
  });

  it('gives text when dataType says so, whose members bindings may use', async () => {
    const container = freshName('c');
    await putBlob(container, 'x.json', '{"target":"y"}');
    const app = await blobApp(
      classicBlobFunction(`${container}/{name}.json`, 'context.bindings.out = blob; return 1;', {
        trigger: { dataType: 'string' },
        bindings: [
          { type: 'blob', direction: 'out', name: 'out', path: `${container}/{name}-{target}.out` },
        ],
      }),
      freshName('host'),
    );

    app.start();
    await waitForRuns(app.results, 1);

    const written = storage().container(container).getBlobClient('x-y.out');
    expect((await written.downloadToBuffer()).toString()).toBe('{"target":"y"}');
  });

  it('is told of no version again by another process of the host, and leaves receipts as .NET does', async () => {
    const container = freshName('c');
    const hostId = freshName('host');
    await putBlob(container, 'seen.txt', 'x');
    const files = classicBlobFunction(`${container}/{name}`, 'return context.bindingData.name;');
    const first = await blobApp(files, hostId);
    first.start();
    await waitForRuns(first.results, 1);
    await first.stop();
    const { etag = '' } = await storage()
      .container(container)
      .getBlobClient('seen.txt')
      .getProperties();
    const second = await blobApp(files, hostId);

    second.start();
    await putBlob(container, 'unseen.txt', 'x');
    await waitForRuns(second.results, 1);
    await second.stop();

    expect(second.returned()).toEqual(['unseen.txt']);
    expect(await receiptNames(hostId)).toContain(`Host.Functions.F/${etag}/${container}/seen.txt`);
  });

  it('is told of a blob whose receipt was left incomplete', async () => {
    const container = freshName('c');
    const hostId = freshName('host');
    await putBlob(container, 'half.txt', 'x');
    const { etag = '' } = await storage()
      .container(container)
      .getBlobClient('half.txt')
      .getProperties();
    await storage().container(HOSTS).createIfNotExists();
    await storage()
      .container(HOSTS)
      .getBlockBlobClient(`blobreceipts/${hostId}/Host.Functions.F/${etag}/${container}/half.txt`)
      .upload('', 0, { metadata: { Incomplete: 'true' } });
    const app = await blobApp(classicBlobFunction(container, 'return 1;'), hostId);

    app.start();

    await waitForRuns(app.results, 1);
  });

  it('that fails five times leaves a message in the poison queue', async () => {
    const container = freshName('c');
    await putBlob(container, 'bad.txt', 'x');
    const app = await blobApp(
      {
        ...classicBlobFunction(container, ''),
        'F/index.js': "module.exports = async () => { throw new Error('bad'); };",
      },
      freshName('host'),
    );

    app.start();
    await waitForRuns(app.results, 5);

    const message = await eventually(() => poisoned('Host.Functions.F'), { timeoutMs: 10_000 });
    expect(message).toEqual({
      Type: 'BlobTrigger',
      FunctionId: 'Host.Functions.F',
      BlobType: 'BlockBlob',
      ContainerName: container,
      BlobName: 'bad.txt',
      ETag: expect.stringMatching(/^".+"$/) as string,
    });
    expect(app.results).toHaveLength(5);
  });

  it('can be run by hand for a blob', async () => {
    const container = freshName('c');
    await putBlob(container, 'by-hand.txt', 'x');
    const app = await blobApp(classicBlobFunction(`${container}/{name}`, ''), freshName('host'));
    const [fn] = app.app.functions;
    if (fn === undefined) throw new Error('It was not loaded.');

    const request = await app.triggers.requestFor(fn, `${container}/by-hand.txt`);

    expect(request.triggerData.bytes?.toString()).toBe('x');
    expect(request.triggerMetadata).toMatchObject({ name: { string: 'by-hand.txt' } });
    await expect(app.triggers.requestFor(fn, `${container}/none`)).rejects.toThrow(
      `There is no blob '${container}/none'.`,
    );
  });

  it.each([
    [{ source: 'EventGrid' }, /its 'source' is 'EventGrid'/],
    [{ path: '' }, /it needs a 'path' such as/],
    [
      { path: '{c}/x' },
      /^The binding 'blob': its 'path' .* has an expression in the name of the container/,
    ],
    [{ path: 'cont/{a.b}' }, /has an expression that is no plain name/],
    [{ path: 'cont/{a}{a}' }, /has '{a}' twice/],
    [{ path: 'UPPER/x' }, /Invalid container name: 'UPPER'/],
  ])('is refused with %j', async (trigger, reason) => {
    const { problems } = await blobApp(classicBlobFunction('cont', '', { trigger }), 'host');

    expect(problems).toMatchObject([
      {
        functionName: 'F',
        reason: expect.stringMatching(reason) as string,
      },
    ]);
  });
});

describe('a pattern for names of blobs', () => {
  it.each([
    ['ccc', 'any/name', {}],
    ['ccc/', 'any/name', {}],
    ['ccc/a.txt', 'a.txt', {}],
    ['ccc/a.txt', 'b.txt', undefined],
    ['ccc/{name}', 'a/b.txt', { name: 'a/b.txt' }],
    ['ccc/{name}.{ext}', 'a.b.txt', { name: 'a.b', ext: 'txt' }],
    ['ccc/{name}.txt', 'a.txt.txt', { name: 'a.txt' }],
    ['ccc/in/{name}', 'out/a', undefined],
    ['ccc/{day}/{name}', '1/2/3', { day: '1/2', name: '3' }],
    ['ccc/{a}-{b}-{c}', 'x-y-z-w', { a: 'x-y', b: 'z', c: 'w' }],
    ['ccc/ab{x}b', 'ab', undefined],
    ['ccc/ab{x}b', 'abb', { x: '' }],
    ['ccc/{{{name}}}', '{a}', { name: 'a' }],
  ])('%s and %s', (path, name, expected) => {
    expect(parseBlobPattern(path).match(name)).toEqual(expected);
  });
});
