import { describe, expect, it } from 'vitest';
import { failureOf, load } from './config-folder.ts';

const loadLocal = (content: unknown, env?: Record<string, string>) =>
  load({ files: { 'local.settings.json': content }, ...(env === undefined ? {} : { env }) });

describe('local.settings.json', () => {
  it('adds its values to the environment, numbers and booleans as spelled', async () => {
    const { environment, notices } = await loadLocal(
      '{ "IsEncrypted": false, "Values": { "A": "text", "B": true, "C": 1.50, "D": null, "E__F": "" } }',
    );
    expect(environment).toEqual({
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      A: 'text',
      B: 'true',
      C: '1.50',
      E__F: '',
    });
    expect(notices).toEqual([]);
  });

  it('never overrides the environment, whatever the case of a name', async () => {
    const values = { SAME: 'x', Other: 'file', AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
    const { environment, notices } = await loadLocal(
      { IsEncrypted: false, Values: values },
      { same: 'x', OTHER: 'env' },
    );
    expect(environment).toMatchObject({ same: 'x', OTHER: 'env' });
    expect(environment).not.toHaveProperty('Other');
    expect(notices).toEqual([
      "Skipping 'Other' from local settings as it's already defined in current environment variables.",
    ]);
  });

  it('adds connection strings by name', async () => {
    const { environment } = await loadLocal({
      IsEncrypted: false,
      ConnectionStrings: { Db: 'Server=a', Other: { ConnectionString: 'Server=b' } },
    });
    expect(environment).toMatchObject({
      'ConnectionStrings:Db': 'Server=a',
      'ConnectionStrings:Other': 'Server=b',
    });
  });

  it('says how the local host listens', async () => {
    const Host = {
      LocalHttpPort: 7072,
      LocalHttpAddress: '0.0.0.0',
      CORS: 'http://localhost:3000/, https://x.test',
      CORSCredentials: true,
    };
    expect((await loadLocal({ IsEncrypted: false, Host })).localHttp).toEqual({
      port: 7072,
      address: '0.0.0.0',
      cors: {
        allowedOrigins: ['http://localhost:3000', 'https://x.test'],
        allowCredentials: true,
      },
    });
  });

  it('yields to a port given on the command line', async () => {
    const files = { 'local.settings.json': { Host: { LocalHttpPort: 7072 } } };
    expect((await load({ files, explicitPort: 8080 })).localHttp.port).toBe(8080);
  });

  it('yields to origins given on the command line, and to credentials', async () => {
    const files = { 'local.settings.json': { Host: { CORS: 'http://a.test' } } };
    expect((await load({ files, corsOrigins: '*' })).localHttp.cors).toEqual({
      allowedOrigins: ['*'],
      allowCredentials: false,
    });
    expect((await load({ files, corsCredentials: true })).localHttp.cors).toEqual({
      allowedOrigins: ['http://a.test'],
      allowCredentials: true,
    });
  });

  it('that is encrypted cannot be read', async () => {
    const error = await failureOf(
      loadLocal({ IsEncrypted: true, Values: { AzureWebJobsStorage: 'CfDJ8…' } }),
    );
    expect(error.problems).toHaveLength(1);
    expect(error.message).toMatch(
      /local\.settings\.json: IsEncrypted = true: Failed to decrypt settings\..*'func settings decrypt'/,
    );
  });

  it('that is encrypted but empty is no problem', async () => {
    expect((await loadLocal({ IsEncrypted: true, Values: {} })).notices).toEqual([]);
  });

  it('without IsEncrypted is read as plain text, with a notice', async () => {
    const { environment, notices } = await loadLocal({ Values: { A: '1' } });
    expect(environment['A']).toBe('1');
    expect(notices).toEqual([expect.stringContaining('Core Tools would take them as encrypted')]);
  });

  it.each([
    ['Values.A', { Values: { A: { b: 1 } } }],
    ['Values.A', { Values: { A: [1] } }],
    ['Values', { Values: 'A=1' }],
    ['Host.LocalHttpPort', { Host: { LocalHttpPort: 70_000 } }],
    ['Host.LocalHttpPort', { Host: { LocalHttpPort: 'http' } }],
  ])('with a wrong %s is a problem', async (path, content) => {
    const { problems } = await failureOf(loadLocal({ IsEncrypted: false, ...content }));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });

  it('that is not JSON is the only problem: what it would have said is not missed', async () => {
    const files = { 'local.settings.json': '{ "Values": { "Hub": "x" ' };
    const env = { AzureWebJobsStorage: undefined };
    const error = await failureOf(load({ files, env }));
    expect(error.problems).toHaveLength(1);
    expect(error.message).toContain('Failed to read app settings file at');
    expect(error.message).toContain("Line 1, column 26: expected ',' or '}'");
  });
});
