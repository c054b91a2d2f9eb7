import { describe, expect, it } from 'vitest';
import { isSameSecret, newKeyValue } from '../../src/http/keys/key-value.ts';
import { marvinChecksum } from '../../src/http/keys/marvin-checksum.ts';
import { WEBHOOK_KEY } from '../../src/http/management/management-access.ts';
import { eventually } from '../support/eventually.ts';
import { hostFunctionKey, memorySecrets, openTestRing } from './secrets-in-memory.ts';

describe('the value of a key', () => {
  it('has the shape that secret scanners know', () => {
    expect(newKeyValue('master')).toMatch(/^[\w-]{44}AzFu[\w-]{5}[AQgw]==$/);
    expect(newKeyValue('master')).not.toBe(newKeyValue('master'));
  });

  it('ends with a checksum that tells its kind', () => {
    const bytes = Buffer.from(newKeyValue('system'), 'base64url');

    const checksum = bytes.readUInt32LE(36);

    expect(checksum).toBe(marvinChecksum(bytes.subarray(0, 36), 0x53797374656d3030n));
    expect(checksum).not.toBe(marvinChecksum(bytes.subarray(0, 36), 0x4d61737465723030n));
  });

  // Vectors of SymCrypt, whose 64 bits are folded into 32.
  it.each([
    ['', 0x30ed35c1 ^ 0x00cd3c7d],
    ['af', 0x48e73fc7 ^ 0x7d75ddc1],
    ['e70f', 0xb5f6e1fc ^ 0x485dbff8],
    ['37f495', 0xf0b07c78 ^ 0x9b8cf7e8],
    ['8642dc59', 0x7008f2e8 ^ 0x7e9cf556],
  ])('has the Marvin checksum of %j', (hex, expected) => {
    expect(marvinChecksum(Buffer.from(hex, 'hex'), 0x004fb61a001bdbccn)).toBe(expected >>> 0);
  });

  it('equals itself only', () => {
    expect(isSameSecret('abc', 'abc')).toBe(true);
    expect(isSameSecret('abc', 'abd')).toBe(false);
    expect(isSameSecret('abc', 'abcd')).toBe(false);
    expect(isSameSecret('', 'a')).toBe(false);
  });
});

describe('a key ring', () => {
  it('makes master, function and system keys on its first start, as the Functions host writes them', async () => {
    const store = memorySecrets();

    const { ring } = await openTestRing(store);

    const written = JSON.parse(store.documents.get('host.json') ?? '') as unknown;
    expect(written).toEqual({
      masterKey: { name: 'master', value: await ring.masterKey(), encrypted: false },
      functionKeys: [{ name: 'default', value: await hostFunctionKey(ring), encrypted: false }],
      systemKeys: [
        { name: 'durabletask_extension', value: ring.systemKey(WEBHOOK_KEY), encrypted: false },
      ],
      hostName: 'localhost:7071',
      instanceId: '',
      source: 'runtime',
      decryptionKeyId: '',
    });
  });

  it('keeps its keys over a restart', async () => {
    const store = memorySecrets();
    const before = (await openTestRing(store)).ring;

    const after = (await openTestRing(store)).ring;

    expect(await after.masterKey()).toBe(await before.masterKey());
    expect(after.systemKey(WEBHOOK_KEY)).toBe(before.systemKey(WEBHOOK_KEY));
  });

  it('agrees with another that starts at the same time', async () => {
    const store = memorySecrets();

    const [one, other] = await Promise.all([openTestRing(store), openTestRing(store)]);

    expect(await one.ring.masterKey()).toBe(await other.ring.masterKey());
    expect(one.ring.systemKey(WEBHOOK_KEY)).toBe(other.ring.systemKey(WEBHOOK_KEY));
  });

  it('tells what a key is good for', async () => {
    const { ring } = await openTestRing();
    const [own] = await ring.list({ functionName: 'Hello' });

    expect(await ring.match(await ring.masterKey())).toEqual({ level: 'admin', name: 'master' });
    expect(await ring.match(ring.systemKey(WEBHOOK_KEY))).toEqual({
      level: 'system',
      name: 'durabletask_extension',
    });
    expect(await ring.match(await hostFunctionKey(ring))).toMatchObject({ level: 'function' });
    expect(await ring.match(own?.value ?? '', 'HELLO')).toMatchObject({ level: 'function' });
    expect(await ring.match(own?.value ?? '', 'Other')).toBeUndefined();
    expect(await ring.match('nonsense', 'Hello')).toBeUndefined();
  });

  it('keeps the keys of a function named host apart from those of the host', async () => {
    const store = memorySecrets();
    const { ring } = await openTestRing(store);

    await ring.put({ functionName: 'host' }, 'mine', 'k');

    expect([...store.documents.keys()]).toEqual(['host.json', 'host.function.json']);
  });

  it('replaces a key whatever the case of its name, and keeps the others', async () => {
    const { ring, records } = await openTestRing();

    expect(await ring.put('functionKeys', 'ci', 'one')).toEqual({ value: 'one', isNew: true });
    expect(await ring.put('functionKeys', 'CI', 'two')).toEqual({ value: 'two', isNew: false });

    expect(await ring.match('one')).toBeUndefined();
    expect(await ring.match('two')).toEqual({ level: 'function', name: 'CI' });
    expect(await ring.list('functionKeys')).toHaveLength(2);
    expect(records.map(({ message }) => message)).toEqual([
      'Key "ci" of memory/host.json was made.',
      'Key "CI" of memory/host.json was replaced.',
    ]);
  });

  it('gives a system key that is deleted another value', async () => {
    const { ring } = await openTestRing();
    const before = ring.systemKey(WEBHOOK_KEY);

    expect(await ring.remove('systemKeys', WEBHOOK_KEY)).toBe(true);

    expect(ring.systemKey(WEBHOOK_KEY)).not.toBe(before);
    expect(await ring.match(before)).toBeUndefined();
  });

  it('keeps members of the document that it does not know', async () => {
    const store = memorySecrets();
    store.documents.set('host.json', '{"future":{"x":1},"decryptionKeyId":"MACHINEKEY=1"}');

    await openTestRing(store);

    expect(JSON.parse(store.documents.get('host.json') ?? '')).toMatchObject({
      future: { x: 1 },
      decryptionKeyId: 'MACHINEKEY=1',
    });
  });
});

describe('a key ring beside another on the same store', () => {
  it('takes a new key of the other at once, and drops an old one after half a minute', async () => {
    const store = memorySecrets();
    const { ring, clock } = await openTestRing(store);
    const other = (await openTestRing(store)).ring;
    const old = await ring.masterKey();

    const renewed = await other.putMaster();
    clock.ms += 2_000;

    expect(await ring.match(old)).toMatchObject({ level: 'admin' });
    expect(await ring.match(renewed)).toMatchObject({ level: 'admin' });
    clock.ms += 31_000;
    expect(await ring.match(old)).toBeUndefined();
  });

  it('makes links with the new key of the other, although nobody shows it one', async () => {
    const store = memorySecrets();
    const { ring, clock } = await openTestRing(store);
    const other = (await openTestRing(store)).ring;
    const { value } = await other.put('systemKeys', WEBHOOK_KEY);

    clock.ms += 31_000;
    ring.systemKey(WEBHOOK_KEY);

    await eventually(() => ring.systemKey(WEBHOOK_KEY) === value);
  });

  it('does not read the store for each wrong key', async () => {
    const store = memorySecrets();
    const { ring, clock } = await openTestRing(store);
    clock.ms += 2_000;
    const before = store.reads;

    await Promise.all(Array.from({ length: 50 }, (_, index) => ring.match(`wrong ${index}`)));
    await ring.match('wrong');

    expect(store.reads - before).toBe(1);
  });

  it('loses no rotation when both rotate at once', async () => {
    const store = memorySecrets();
    const one = (await openTestRing(store)).ring;
    const other = (await openTestRing(store)).ring;

    await Promise.all([one.put('functionKeys', 'a', '1'), other.put('functionKeys', 'b', '2')]);

    const { ring } = await openTestRing(store);
    expect((await ring.list('functionKeys')).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['default', 'a', 'b']),
    );
  });
});

describe('a key ring whose store fails', () => {
  it('goes on with the keys that it knows, and says so', async () => {
    const store = memorySecrets();
    const { ring, clock, records } = await openTestRing(store);
    const master = await ring.masterKey();

    store.failure = new Error('storage is away');
    clock.ms += 60_000;

    expect(await ring.match(master)).toMatchObject({ level: 'admin' });
    expect(records.map(({ message }) => message)).toEqual([
      'memory/host.json cannot be read, the keys read last stay valid: storage is away',
    ]);
  });

  it.each([
    ['{"masterKey":{"name":"master","value":"x","encrypted":true}}', 'is encrypted'],
    ['{"masterKey":"secret"}', 'does not hold keys'],
    ['{"masterKey":{"name":"master","value":"sec', 'does not hold keys'],
    ['[]', 'does not hold keys'],
  ])('refuses %s, without repeating it', async (text, expected) => {
    const store = memorySecrets();
    store.documents.set('host.json', text);

    const opening = openTestRing(store);

    await expect(opening).rejects.toThrow(expected);
    await expect(opening).rejects.toThrow('memory/host.json');
    await expect(opening).rejects.not.toThrow(/sec"|secret/);
  });
});
