import { describe, expect, it } from 'vitest';
import { findStorageConnection } from '../../src/config/storage-connection.ts';

function connectionTo(account: string): string {
  return `AccountName=${account};AccountKey=c2VjcmV0`;
}

describe('the connection of a name', () => {
  it('is looked up in the order of the Functions host', () => {
    const settings: [string, string][] = [
      ['ConnectionStrings:AzureWebJobsMine', connectionTo('first')],
      ['AzureWebJobsMine', connectionTo('second')],
      ['ConnectionStrings__Mine', connectionTo('third')],
      ['MINE', connectionTo('fourth')],
    ];
    const found = settings.map(
      (_, index) =>
        findStorageConnection(Object.fromEntries(settings.slice(index)), 'Mine').account
          .accountName,
    );
    expect(found).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it.each(['Storage', 'AzureWebJobsStorage'])('%s is AzureWebJobsStorage', (name) => {
    const environment = { AzureWebJobsStorage: connectionTo('mine') };
    expect(findStorageConnection(environment, name)).toMatchObject({
      name,
      settingName: 'AzureWebJobsStorage',
      account: { accountName: 'mine' },
    });
  });

  it('may be a connection string of the Azure portal', () => {
    const environment = { CUSTOMCONNSTR_Mine: connectionTo('portal') };
    expect(findStorageConnection(environment, 'Mine').account.accountName).toBe('portal');
  });

  it('skips a setting that is empty', () => {
    const environment = { AzureWebJobsMine: '', Mine: connectionTo('mine') };
    expect(findStorageConnection(environment, 'Mine').account.accountName).toBe('mine');
  });

  it('that is missing says what to set', () => {
    expect(() => findStorageConnection({}, 'AzureWebJobsStorage')).toThrow(
      `The connection 'AzureWebJobsStorage' has no app setting. Set 'AzureWebJobsStorage' to a connection string, in the environment or under Values of local.settings.json; for storage on this machine: "AzureWebJobsStorage": "UseDevelopmentStorage=true".`,
    );
  });

  it('is one by identity when settings below the name say so', () => {
    const environment = { AzureWebJobsMine__accountName: 'shop', Mine: connectionTo('later') };
    expect(findStorageConnection(environment, 'Mine')).toMatchObject({
      name: 'Mine',
      settingName: 'AzureWebJobsMine',
      account: { accountName: 'shop', credential: { kind: 'identity' } },
    });
  });

  it('is the connection string when there is one beside settings below the name', () => {
    const environment = { Mine: connectionTo('keyed'), Mine__accountName: 'shop' };
    expect(findStorageConnection(environment, 'Mine').account.accountName).toBe('keyed');
  });

  it('with a bad connection string names the setting but not its value', () => {
    expect(() => findStorageConnection({ Mine: 'AccountName=a;AccountKey=#' }, 'Mine')).toThrow(
      /^The app setting 'Mine' does not hold an Azure Storage connection string: its AccountKey is not Base64[^#]*$/,
    );
  });

  it('is not a connection string itself', () => {
    expect(() => findStorageConnection({}, connectionTo('a'))).toThrow(
      /^A connection is the name of an app setting(?!.*c2VjcmV0)/,
    );
  });
});
