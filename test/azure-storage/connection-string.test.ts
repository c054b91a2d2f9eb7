import { describe, expect, it } from 'vitest';
import { parseConnectionString } from '../../src/azure-storage/clients/connection-string.ts';
import { InvalidInputError } from '../../src/core/errors.ts';

describe('parseConnectionString', () => {
  it('reads an account in the public cloud', () => {
    const text =
      'DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=a2V5PT0=;EndpointSuffix=core.windows.net';

    expect(parseConnectionString(text)).toEqual({
      queueUrl: 'https://shop.queue.core.windows.net',
      tableUrl: 'https://shop.table.core.windows.net',
      blobUrl: 'https://shop.blob.core.windows.net',
      credential: { kind: 'key', accountName: 'shop', accountKey: 'a2V5PT0=' },
    });
  });

  it('reads the emulator, where it listens by default and behind another host', () => {
    const local = parseConnectionString('UseDevelopmentStorage=true');
    const remote = parseConnectionString(
      'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite/',
    );

    expect(local.tableUrl).toBe('http://127.0.0.1:10002/devstoreaccount1');
    expect(remote.queueUrl).toBe('http://azurite:10001/devstoreaccount1');
  });

  it('reads a shared access signature with endpoints by service', () => {
    const text =
      'BlobEndpoint=https://b.example/;QueueEndpoint=https://q.example;TableEndpoint=https://t.example;SharedAccessSignature=?sv=1&sig=x%3D';

    expect(parseConnectionString(text)).toEqual({
      queueUrl: 'https://q.example',
      tableUrl: 'https://t.example',
      blobUrl: 'https://b.example',
      credential: { kind: 'signature', signature: 'sv=1&sig=x%3D' },
    });
  });

  it.each([
    ['', 'needs AccountName and AccountKey'],
    ['AccountName=shop', 'needs AccountName and AccountKey'],
    ['secret', 'must be a list of Name=Value parts'],
    ['SharedAccessSignature=sig', 'needs AccountName or QueueEndpoint'],
  ])('says what is wrong with %j without repeating it', (text, message) => {
    expect(() => parseConnectionString(text)).toThrow(InvalidInputError);
    expect(() => parseConnectionString(text)).toThrow(message);
  });
});
