import { describe, expect, it } from 'vitest';
import {
  DEVELOPMENT_ACCOUNT_KEY,
  parseStorageConnectionString,
} from '../../src/base/connection-string.ts';

const KEY = Buffer.from('a secret of thirty-two characters').toString('base64');

describe('a storage connection string', () => {
  it('for development storage means the three endpoints of Azurite', () => {
    expect(parseStorageConnectionString(' usedevelopmentstorage=TRUE; ')).toMatchObject({
      accountName: 'devstoreaccount1',
      credential: {
        kind: 'key',
        accountName: 'devstoreaccount1',
        accountKey: DEVELOPMENT_ACCOUNT_KEY,
      },
      blobEndpoint: 'http://127.0.0.1:10000/devstoreaccount1',
      queueEndpoint: 'http://127.0.0.1:10001/devstoreaccount1',
      tableEndpoint: 'http://127.0.0.1:10002/devstoreaccount1',
      isDevelopmentStorage: true,
    });
  });

  it('for development storage elsewhere has the same ports there', () => {
    const account = parseStorageConnectionString(
      'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite',
    );
    expect(account.queueEndpoint).toBe('http://azurite:10001/devstoreaccount1');
    expect(account.isDevelopmentStorage).toBe(false);
  });

  it('with name and key means the endpoints of Azure', () => {
    const text = `DefaultEndpointsProtocol=https;AccountName=mine;AccountKey=${KEY};EndpointSuffix=core.windows.net`;
    expect(parseStorageConnectionString(text)).toEqual({
      accountName: 'mine',
      credential: { kind: 'key', accountName: 'mine', accountKey: KEY },
      blobEndpoint: 'https://mine.blob.core.windows.net',
      queueEndpoint: 'https://mine.queue.core.windows.net',
      tableEndpoint: 'https://mine.table.core.windows.net',
      isDevelopmentStorage: false,
      connectionString: text,
    });
  });

  it('may use another cloud, and explicit endpoints win', () => {
    const account = parseStorageConnectionString(
      `AccountName=mine;AccountKey=${KEY};EndpointSuffix=core.chinacloudapi.cn;QueueEndpoint=http://localhost:11001/mine/`,
    );
    expect(account.tableEndpoint).toBe('https://mine.table.core.chinacloudapi.cn');
    expect(account.queueEndpoint).toBe('http://localhost:11001/mine');
  });

  it('may have a key of any length', () => {
    const { credential } = parseStorageConnectionString('AccountName=mine;AccountKey=eA==');
    expect(credential).toEqual({ kind: 'key', accountName: 'mine', accountKey: 'eA==' });
  });

  it('may carry a shared access signature instead of a key', () => {
    const account = parseStorageConnectionString(
      'BlobEndpoint=https://b.test;QueueEndpoint=https://q.test;TableEndpoint=https://t.test;SharedAccessSignature=?sv=1&sig=a%3D',
    );
    expect(account.accountName).toBeUndefined();
    expect(account.credential).toEqual({
      kind: 'signature',
      signature: 'sv=1&sig=a%3D',
    });
  });

  it.each([
    ['', 'it is empty'],
    ['<Put your Azure Storage connection string here>', 'it is not a list of name=value pairs'],
    [`AccountKey=${KEY}`, 'it has an AccountKey but no AccountName'],
    ['AccountName=mine', 'it has neither an AccountKey nor a SharedAccessSignature'],
    ['AccountName=mine;AccountKey=<key>', 'its AccountKey is not Base64'],
    [`AccountName=mine;AccountKey=${KEY}x`, 'its AccountKey is not Base64'],
    ['SharedAccessSignature=sv', 'it has neither an AccountName nor a BlobEndpoint'],
    [
      `AccountName=mine;AccountKey=${KEY};TableEndpoint=ftp://x`,
      'its TableEndpoint does not make an http or https URL',
    ],
    [`AccountName=my mine;AccountKey=${KEY}`, 'its AccountName does not make an http or https URL'],
    ['UseDevelopmentStorage=false', 'it has neither an AccountKey nor a SharedAccessSignature'],
  ])('%j is refused', (text, message) => {
    expect(() => parseStorageConnectionString(text)).toThrow(message);
  });

  it('is never repeated in a message', () => {
    const secret = 'c2VjcmV0';
    for (const text of [`AccountKey=${secret}`, `AccountName=a;AccountKey=${secret}!`, secret]) {
      expect(() => parseStorageConnectionString(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) as string }),
      );
    }
  });
});
