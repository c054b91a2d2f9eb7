import { describe, expect, it } from 'vitest';
import { durableClientInput, instanceUrls } from '../../src/http/management/management-urls.ts';

const HUB = { webhookPath: '/runtime/webhooks/durabletask', taskHub: 'My Hub', code: 'K/Y=' };
const ORIGIN = 'http://localhost:7071';

describe('the value of a durable client binding', () => {
  it('is the one that the SDKs know', () => {
    const base = `${ORIGIN}/runtime/webhooks/durabletask`;
    const query = 'taskHub=My%20Hub&connection=Storage&code=K%2FY%3D';

    const value = durableClientInput({
      origin: ORIGIN,
      urls: HUB,
      rpcBaseUrl: 'http://127.0.0.1:17071/durabletask/',
    });

    expect(value).toEqual({
      taskHubName: 'My Hub',
      connectionName: null,
      creationUrls: {
        createNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?code=K%2FY%3D`,
        createAndWaitOnNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=K%2FY%3D`,
      },
      managementUrls: {
        id: 'INSTANCEID',
        statusQueryGetUri: `${base}/instances/INSTANCEID?${query}`,
        sendEventPostUri: `${base}/instances/INSTANCEID/raiseEvent/{eventName}?${query}`,
        terminatePostUri: `${base}/instances/INSTANCEID/terminate?reason={text}&${query}`,
        rewindPostUri: `${base}/instances/INSTANCEID/rewind?reason={text}&${query}`,
        purgeHistoryDeleteUri: `${base}/instances/INSTANCEID?${query}`,
        restartPostUri: `${base}/instances/INSTANCEID/restart?${query}`,
        suspendPostUri: `${base}/instances/INSTANCEID/suspend?reason={text}&${query}`,
        resumePostUri: `${base}/instances/INSTANCEID/resume?reason={text}&${query}`,
      },
      baseUrl: base,
      requiredQueryStringParameters: 'code=K%2FY%3D',
      rpcBaseUrl: 'http://127.0.0.1:17071/durabletask/',
      httpBaseUrl: null,
    });
  });

  it('has no code where keys are off', () => {
    const { code: _off, ...urls } = HUB;

    const value = durableClientInput({ origin: ORIGIN, urls, rpcBaseUrl: 'http://127.0.0.1:1/d/' });

    expect(JSON.stringify(value)).not.toContain('code');
    expect(value.creationUrls.createNewInstancePostUri).toMatch(/\{instanceId\}\]$/);
    expect(value.requiredQueryStringParameters).toBe('');
  });

  it('lets the SDKs call entities without loopback endpoint and without keys', () => {
    const urls = { ...HUB, code: undefined };

    const value = durableClientInput({ origin: ORIGIN, urls, rpcBaseUrl: undefined });

    expect(value.rpcBaseUrl).toBeNull();
    expect(value.requiredQueryStringParameters).toBe('taskHub=My%20Hub&connection=Storage');
  });
});

it('ids are encoded in links', () => {
  const urls = instanceUrls(ORIGIN, HUB, 'a b/@c');

  expect(urls.id).toBe('a b/@c');
  expect(urls.statusQueryGetUri).toContain('/instances/a%20b%2F%40c?');
});
