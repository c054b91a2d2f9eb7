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
