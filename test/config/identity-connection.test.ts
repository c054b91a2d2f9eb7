import { describe, expect, it } from 'vitest';
import { NotSupportedError } from '../../src/core/errors.ts';
import { findIdentityAccount } from '../../src/config/identity-connection.ts';
import { findStorageConnection } from '../../src/config/storage-connection.ts';

function identityOf(settings: Readonly<Record<string, string>>): unknown {
  const environment = { X__accountName: 'shop', ...settings };
  return findIdentityAccount(environment, 'X')?.credential.identity;
}

describe('the account of a connection by identity', () => {
  it('is that of the public cloud when only its name is given', () => {
    expect(findIdentityAccount({ X__accountName: 'shop' }, 'X')).toMatchObject({
      accountName: 'shop',
      blobEndpoint: 'https://shop.blob.core.windows.net',
      queueEndpoint: 'https://shop.queue.core.windows.net',
      tableEndpoint: 'https://shop.table.core.windows.net',
    });
  });

  it('is where the URIs of its services say, spelled with colons or underscores', () => {
    const settings = {
      'X:blobServiceUri': 'https://b.example/',
      X__QUEUESERVICEURI: 'https://q.example/account',
    };
    expect(findIdentityAccount(settings, 'X')).toMatchObject({
      accountName: undefined,
      blobEndpoint: 'https://b.example',
      queueEndpoint: 'https://q.example/account',
      tableEndpoint: undefined,
    });
  });

  it('takes serviceUri for whichever service it is used for', () => {
    const settings = { X__serviceUri: 'https://q.example' };
    expect(findStorageConnection(settings, 'X', ['queue']).account.queueEndpoint).toBe(
      'https://q.example',
    );
  });

  it('is none without settings', () => {
    expect(findIdentityAccount({ X: '', X__other: 'y' }, 'X')).toBeUndefined();
  });

  it('must have every service that is asked for', () => {
    const settings = { X__queueServiceUri: 'https://q.example' };
    expect(() => findStorageConnection(settings, 'X')).toThrow(
      "The connection 'X' is one by identity, but does not say where to find: blob, table service. Set 'X__accountName', or 'X__blobServiceUri', 'X__tableServiceUri'.",
    );
  });

  it.each([
    ['X__accountName', 'Not An Account'],
    ['X__tableServiceUri', 'http://plain.example'],
    ['X__tableServiceUri', 'https://t.example?sig=secret'],
  ])('names the setting %s when its value cannot be used', (setting, value) => {
    const find = (): unknown => findIdentityAccount({ [setting]: value }, 'X');
    expect(find).toThrow(setting);
    expect(find).not.toThrow('secret');
  });
});

describe('who signs in', () => {
  it('is whoever is there unless settings say more', () => {
    expect(identityOf({})).toEqual({ kind: 'default', tenantId: undefined, clientId: undefined });
    expect(identityOf({ X__clientId: 'c' })).toMatchObject({ kind: 'default', clientId: 'c' });
  });

  it('is a managed identity, of the system or one of the user', () => {
    expect(identityOf({ X__credential: 'ManagedIdentity' })).toMatchObject({
      kind: 'managedIdentity',
      clientId: undefined,
    });
    const resourceId = '/subscriptions/s/resourceGroups/g/providers/p/userAssignedIdentities/i';
    expect(
      identityOf({ X__credential: 'managedidentity', X__managedIdentityResourceId: resourceId }),
    ).toMatchObject({ kind: 'managedIdentity', resourceId });
  });

  it('is an application with its secret', () => {
    const settings = { X__tenantId: 't', X__clientId: 'c', X__clientSecret: 's' };
    expect(identityOf(settings)).toEqual({
      kind: 'clientSecret',
      tenantId: 't',
      clientId: 'c',
      clientSecret: 's',
    });
  });

  it('cannot be a secret alone', () => {
    const find = (): unknown => identityOf({ X__clientSecret: 'confidential' });
    expect(find).toThrow("needs 'X__tenantId' and 'X__clientId' beside it");
    expect(find).not.toThrow('confidential');
  });

  it.each([{ X__certificate: 'thumbprint' }, { X__credential: 'workloadidentity' }])(
    'is refused where this host cannot sign in so: %o',
    (settings) => {
      expect(() => identityOf(settings)).toThrow(NotSupportedError);
    },
  );
});
