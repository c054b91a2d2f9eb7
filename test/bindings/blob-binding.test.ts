import { describe, expect, it } from 'vitest';
import {
  type Binding,
  boundApp,
  classicFunction,
  freshName,
  storage,
  v4Function,
} from './bound-app.ts';

type Blob = Partial<Binding> & { readonly path: string };

const blobOut = (changes: Blob): Binding => ({
  type: 'blob',
  direction: 'out',
  name: 'out',
  connection: 'AzureWebJobsStorage',
  ...changes,
});
const blobIn = (changes: Blob): Binding => blobOut({ direction: 'in', name: 'in1', ...changes });

async function contentOf(container: string, blob: string): Promise<Buffer> {
  return storage().container(container).getBlobClient(blob).downloadToBuffer();
}

async function putBlob(container: string, blob: string, content: string | Buffer): Promise<void> {
  const client = storage().container(container);
  await client.createIfNotExists();
  await client.getBlockBlobClient(blob).uploadData(Buffer.from(content));
}

/** The function with one output, in both models. */
const writers = (code: string, binding: Binding) => [
  classicFunction(`context.bindings.out = ${code};`, [binding]),
  v4Function(`context.extraOutputs.set(outs.out, ${code});`, [binding]),
];

describe('a blob output', () => {
  it.each([
    ["'text'", 'text'],
    ["''", ''],
    [`'{"a" : 1}'`, '{"a" : 1}'],
    ['{ a: [1, "x"] }', '{"a":[1,"x"]}'],
    ['[1, 2]', '[1,2]'],
    ['42', '42'],
    ['Buffer.from([0, 255])', Buffer.from([0, 255])],
    ['Buffer.alloc(0)', ''],
  ])('%s is written by both models, into a container that it creates', async (code, expected) => {
    const container = freshName('out');
    for (const files of writers(code, blobOut({ path: `${container}/{rand-guid}` }))) {
      await (await boundApp(files)).run('go');
    }

    const blobs = [];
    for await (const { name } of storage().container(container).listBlobsFlat()) blobs.push(name);
    expect(blobs).toHaveLength(2);
    for (const name of blobs) {
      expect(await contentOf(container, name)).toEqual(Buffer.from(expected));
    }
  });

  it('takes its path from the input and from settings', async () => {
    const container = freshName('path');
    const binding = blobOut({ path: '%CONTAINER%/{folder}/{meta.name}.txt' });
    const files = classicFunction("context.bindings.out = 'x';", [binding]);
    const app = await boundApp(files, { settings: { CONTAINER: container } });

    await app.run({ folder: 'a b/ü', meta: { name: '1%2' } });

    expect(String(await contentOf(container, 'a b/ü/1%2.txt'))).toBe('x');
  });

  it('holds 20 MB, and replaces what was there', async () => {
    const container = freshName('large');
    const [files = {}] = writers('Buffer.alloc(+input, 7)', blobOut({ path: `${container}/blob` }));
    const app = await boundApp(files);

    await app.run(String(20 * 1024 * 1024));
    expect((await contentOf(container, 'blob')).equals(Buffer.alloc(20 * 1024 * 1024, 7))).toBe(
      true,
    );

    await app.run('3');
    expect(await contentOf(container, 'blob')).toEqual(Buffer.alloc(3, 7));
  });

  it('can be the return value, and is not written for none', async () => {
    const container = freshName('return');
    const binding = blobOut({ name: '$return', path: `${container}/{sys.methodname}` });
    const app = await boundApp(
      classicFunction("return input === 'go' ? 'x' : undefined;", [binding]),
    );

    await app.run('stop');
    expect(await storage().container(container).exists()).toBe(false);

    await app.run('go');
    expect(String(await contentOf(container, 'F'))).toBe('x');
  });

  it('fails the run when the trigger has no such property', async () => {
    const [files = {}] = writers("'x'", blobOut({ path: 'files/{name}' }));
    const app = await boundApp(files);

    await expect(app.run({ other: 1 })).rejects.toThrow(
      "The binding 'out' of function 'F': 'files/{name}' cannot be resolved. No value for named parameter 'name'.",
    );
  });

  it.each([
    ['{p}', "Invalid blob path specified : 'UP'"],
    ['{p}/b', "Invalid container name: 'UP', of the path 'UP/b'"],
    ['abc/', "Invalid blob path specified : 'abc/'"],
    ['a--b/c', "Invalid container name: 'a--b'"],
  ])('fails the run for the path %s', async (path, message) => {
    const [files = {}] = writers("'x'", blobOut({ path }));

    await expect((await boundApp(files)).run({ p: 'UP' })).rejects.toThrow(message);
  });

  it('may have an empty path as long as it is given no value', async () => {
    const app = await boundApp(classicFunction('', [blobOut({ path: '' })]));

    await expect(app.run('x')).resolves.toBeUndefined();
  });
});

describe('a blob input', () => {
  it.each([
    ['text', {}, '"text"'],
    ['\uFEFFbom', {}, '"bom"'],
    ['{"a":1}', {}, '{"a":1}'],
    ['text', { dataType: 'string' }, '"text"'],
    ['ab', { dataType: 'binary' }, '{"type":"Buffer","data":[97,98]}'],
    ['', { dataType: 'Binary' }, '{"type":"Buffer","data":[]}'],
  ])('%j with %j is %s to both models', async (content, changes, expected) => {
    const container = freshName('in');
    await putBlob(container, 'a/b', content);
    const bindings = [
      blobIn({ path: `${container}/{folder}/b`, ...changes }),
      blobOut({ path: `${container}/{sys.randguid}.json` }),
    ];
    const classic = 'context.bindings.out = JSON.stringify(context.bindings.in1);';
    const v4 =
      'context.extraOutputs.set(outs.out, JSON.stringify(context.extraInputs.get(ins.in1)));';

    await (await boundApp(classicFunction(classic, bindings))).run({ folder: 'a' });
    await (await boundApp(v4Function(v4, bindings))).run({ folder: 'a' });

    const written = [];
    for await (const { name } of storage().container(container).listBlobsFlat()) {
      if (name.endsWith('.json')) written.push(String(await contentOf(container, name)));
    }
    expect(written).toEqual([expected, expected]);
  });

  it.each(['nowhere', 'container'])(
    'is null when there is no such blob or container',
    async (what) => {
      const container = freshName(what);
      if (what === 'container') await storage().container(container).create();
      const code =
        'return { isThere: context.bindings.in1 !== null && context.bindings.in1 !== undefined };';
      const app = await boundApp(classicFunction(code, [blobIn({ path: `${container}/b` })]));

      expect(await app.run('x')).toEqual({ json: '{"isThere":false}' });
    },
  );
});

describe('a function in error', () => {
  it.each([
    [{ direction: 'inout' }, "The binding 'out': blobs are read with the direction 'in'"],
    [{ path: 'a/{b' }, "The binding 'out': its 'path': Invalid template 'a/{b'. Missing closing"],
    [{ path: 'Up/{b}' }, "The binding 'out': Invalid container name: 'Up', of the path 'Up/{b}'."],
    [{ path: '%NOWHERE%/b' }, "'%NOWHERE%' does not resolve to a value."],
    [{ path: 'a/%b' }, "The '%' at position 2 does not have a closing '%'"],
    [
      { connection: 'Elsewhere' },
      "The binding 'out': The connection 'Elsewhere' has no app setting.",
    ],
    [{ properties: { supportsDeferredBinding: 'true' } }, "Leave 'sdkBinding' out"],
  ] as const)('%j', async (changes, message) => {
    const app = await boundApp(classicFunction('', [blobOut({ path: 'abc/d', ...changes })]));

    expect(app.problems[0]).toMatchObject({ functionName: 'F' });
    expect(app.problems[0]?.reason).toContain(message);
  });
});
