import { InvalidInputError } from '../../src/core/errors.ts';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';

const credential = { getToken: () => Promise.resolve(null) };

describe('an account that is opened with a credential', () => {
  it('has clients for the services that it has urls of', () => {
    const storage = openStorage(
      { queueUrl: 'https://q.example', tableUrl: undefined, blobUrl: undefined, credential },
      undefined,
    );

    expect(storage.queue('orders').url).toBe('https://q.example/orders');
    expect(() => storage.table('t')).toThrow(
      "The connection names no table service. Set its '__tableServiceUri', or '__accountName'.",
    );
    expect(() => storage.container('c')).toThrow('The connection names no blob service.');
  });
});

describe('an account that is opened with a connection string', () => {
  it('may be the emulator', () => {
    const storage = openStorage('UseDevelopmentStorage=true', undefined);

    expect(storage.queue('q').url).toBe('http://127.0.0.1:10001/devstoreaccount1/q');
    expect(storage.table('t').url).toBe('http://127.0.0.1:10002/devstoreaccount1');
    expect(storage.container('c').url).toBe('http://127.0.0.1:10000/devstoreaccount1/c');
  });

  it('may carry a shared access signature', () => {
    const storage = openStorage(
      'BlobEndpoint=https://b.test;QueueEndpoint=https://q.test/;TableEndpoint=https://t.test;SharedAccessSignature=?sv=1&sig=a%3D',
      undefined,
    );

    expect(storage.queue('q').url).toBe('https://q.test/q?sv=1&sig=a%3D');
  });

  it('is refused when the text cannot be understood, without repeating it', () => {
    const open = () => openStorage('AccountName=mine;AccountKey=secret', undefined);

    expect(open).toThrow(InvalidInputError);
    expect(open).toThrow(
      'The storage connection string cannot be used: its AccountKey is not Base64 (was it cut, or left as a placeholder?).',
    );
  });
});
