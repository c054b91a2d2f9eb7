/** Which credentials of the app's `@azure/identity` a connection by identity uses; the package here tells what it was asked for. */
import { onTestFinished, describe, expect, it } from 'vitest';
import { findIdentityAccount } from '../../src/config/identity-connection.ts';
import { BackendUnavailableError } from '../../src/core/errors.ts';
import { openIdentity } from '../../src/hub/accounts/identity.ts';
import { createScratchApp } from '../support/scratch-app.ts';

const PACKAGE = `
  const telling = (name) => class {
    constructor(...args) { this.args = args; }
    getToken(scope) {
      if (scope === 'none') throw new Error('first line\\n  second line');
      return Promise.resolve({ token: JSON.stringify([name, ...this.args]), expiresOnTimestamp: 0 });
    }
  };
  for (const name of ['DefaultAzureCredential', 'ManagedIdentityCredential', 'ClientSecretCredential'])
    exports[name] = telling(name);`;

async function credentialFor(settings: Readonly<Record<string, string>>) {
  const app = await createScratchApp({
    files: { 'node_modules/@azure/identity/index.js': PACKAGE },
  });
  onTestFinished(() => app.remove());
  const account = findIdentityAccount({ X__accountName: 'shop', ...settings }, 'X');
  if (account === undefined) throw new Error('no account');
  return openIdentity(account.credential.identity, 'X', app.folder);
}

describe('the credential of a connection by identity', () => {
  it.each([
    [{}, ['DefaultAzureCredential', {}]],
    [
      { X__clientId: 'c', X__tenantId: 't' },
      ['DefaultAzureCredential', { tenantId: 't', managedIdentityClientId: 'c' }],
    ],
    [{ X__credential: 'managedidentity' }, ['ManagedIdentityCredential', null]],
    [{ X__credential: 'managedidentity', X__clientId: 'c' }, ['ManagedIdentityCredential', 'c']],
    [
      { X__credential: 'managedidentity', X__managedIdentityResourceId: '/r' },
      ['ManagedIdentityCredential', { resourceId: '/r' }],
    ],
    [
      { X__tenantId: 't', X__clientId: 'c', X__clientSecret: 's' },
      ['ClientSecretCredential', 't', 'c', 's'],
    ],
  ])('follows the settings %o', async (settings, expected) => {
    const credential = await credentialFor(settings);

    const token = await credential.getToken('scope');

    expect(JSON.parse(token?.token ?? '')).toEqual(expected);
  });

  it('says in one line for which connection there is no token', async () => {
    const credential = await credentialFor({});

    const failure = expect(credential.getToken('none')).rejects;
    await failure.toThrow(BackendUnavailableError);
    await failure.toThrow(
      /^There is no token for the connection 'X', which is one by identity\. .*: first line second line$/,
    );
  });
});
