/** Scenarios U: HTTP requests of orchestrators, to servers of the test's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startPeer,
  status,
  type HttpPeer,
  type ReceivedRequest,
  type Respond,
} from '../../function-app/durable-http/http-peer.ts';
import { describeProbe, Probe } from '../../support/probe.ts';
import { LONG } from '../../support/patience.ts';

const TEST_TIMEOUT = LONG;

describeProbe('durable HTTP', (probe) => {
  let peer: HttpPeer;
  let other: HttpPeer;
  const times: number[] = [];
  beforeAll(async () => {
    other = await startPeer();
    const slow = thirdTimeDone('1');
    peer = await startPeer({
      '/echo': (response, request) => {
        status(200, { 'X-Answer': 'yes' }, JSON.stringify(request))(response, request);
      },
      '/slow': (response, request) => {
        times.push(Date.now());
        slow(response, request);
      },
      '/once': thirdTimeDone('1'),
      '/same': thirdTimeDone('0'),
      '/keyed': thirdTimeDone('0'),
      '/elsewhere': status(202, { Location: `${other.origin}/polled`, 'Retry-After': '0' }),
      '/lower': status(202, { location: '/found', 'retry-after': '0' }),
      '/nowhere': status(202, {}, 'accepted'),
      '/gone': status(202, { Location: '/404', 'Retry-After': '0' }),
      '/404': status(404, {}, '404!'),
      '/500': status(500, {}, '500!'),
      '/silent': () => undefined,
      '/busy': status(503, {}, 'busy'),
      '/many': (response) => {
        response.setHeader('Set-Cookie', ['a=1', 'b=2']);
        response.setHeader('Content-Type', 'text/csv; charset=utf-8');
        response.end('ä;b');
      },
    });
  });
  afterAll(() => Promise.all([peer.close(), other.close()]));

  it('U-01 gives status, content and headers of the answer', async () => {
    const answer = await call(probe, {
      method: 'POST',
      url: `${peer.origin}/echo?a=1`,
      body: { text: 'ü' },
      headers: { 'Content-Type': 'application/json', 'X-Own': 'mine' },
    });

    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.content)).toMatchObject({
      method: 'POST',
      url: '/echo?a=1',
      body: '{"text":"ü"}',
      headers: {
        'content-type': 'application/json',
        'x-own': 'mine',
        'user-agent': expect.any(String) as string,
      },
    });
    expect(answer.headers).toMatchObject({ 'X-Answer': 'yes' });
  });

  it('U-02 asks again at the Location, after the pause that is asked for', async () => {
    const answer = await call(probe, { method: 'POST', url: `${peer.origin}/slow` });

    expect(answer).toMatchObject({ statusCode: 200, content: 'done' });
    expect(requestsTo(peer, '/slow').map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
    const [first, second, third] = times;
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(900);
    expect(Number(third) - Number(second)).toBeGreaterThanOrEqual(900);
  });

  it('U-03 gives the 202 when polling is off', async () => {
    const url = `${peer.origin}/once`;

    const answer = await call(probe, { method: 'GET', url, enablePolling: false });

    expect(answer).toMatchObject({ statusCode: 202, content: 'wait' });
    expect(requestsTo(peer, '/once')).toHaveLength(1);
  });

  it('U-04 takes credentials along within the origin, and to no other', async () => {
    const headers = { Authorization: 'Bearer secret', 'X-Own': 'mine' };

    await call(probe, { method: 'GET', url: `${peer.origin}/same`, headers });
    await call(probe, { method: 'GET', url: `${peer.origin}/elsewhere`, headers });

    const same = requestsTo(peer, '/same').map((request) => request.headers.authorization);
    expect(same).toEqual(['Bearer secret', 'Bearer secret', 'Bearer secret']);
    const [away] = requestsTo(other, '/polled');
    expect(away?.headers).toMatchObject({ 'x-own': 'mine' });
    expect(away?.headers).not.toHaveProperty('authorization');
  });

  it.each([404, 500])('U-06 takes %i for an answer', async (code) => {
    const answer = await call(probe, { method: 'GET', url: `${peer.origin}/${code}` });

    expect(answer).toMatchObject({ statusCode: code, content: `${code}!` });
  });

  it('U-07 fails when no answer comes in time', async () => {
    const status = await probe.run('P_Http', {
      method: 'GET',
      url: `${peer.origin}/silent`,
      timeout: '00:00:01',
    });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(
      'The operation was canceled. Reached user specified timeout: 00:00:01',
    );
  });

  it('U-07 fails when nobody listens', async () => {
    const gone = await startPeer();
    await gone.close();

    const status = await probe.run('P_Http', { method: 'GET', url: gone.origin });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(new URL(gone.origin).host);
  });

  it('U-08 asks again at the statuses that are listed, and fails after the last attempt', async () => {
    const status = await probe.run('P_Http', {
      method: 'GET',
      url: `${peer.origin}/busy`,
      retryOptions: {
        FirstRetryInterval: '00:00:00.1',
        MaxNumberOfAttempts: 3,
        StatusCodesToRetry: [500, 503],
      },
    });

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain('503');
    expect(requestsTo(peer, '/busy')).toHaveLength(3);
  });

  it('U-09 sends and gives headers with several values, and content of any type', async () => {
    const form = await call(probe, {
      method: 'POST',
      url: `${peer.origin}/echo`,
      body: 'a=1&b=%C3%A4',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Many': ['one', 'two'] },
    });
    const many = await call(probe, { method: 'GET', url: `${peer.origin}/many` });

    expect(JSON.parse(form.content)).toMatchObject({
      body: 'a=1&b=%C3%A4',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-many': 'one, two',
        'user-agent': expect.stringMatching(/^durable-functions-extension/) as string,
      },
    });
    expect(many).toMatchObject({ content: 'ä;b', headers: { 'Set-Cookie': ['a=1', 'b=2'] } });
  });

  it('U-10 does not take a function key along to the Location', async () => {
    const headers = { 'x-functions-key': 'secret', 'X-Own': 'mine' };

    await call(probe, { method: 'POST', url: `${peer.origin}/keyed`, headers });

    const sent = requestsTo(peer, '/keyed').map((request) => request.headers);
    expect(sent.map((header) => header['x-functions-key'])).toEqual([
      'secret',
      undefined,
      undefined,
    ]);
    expect(sent.map((header) => header['x-own'])).toEqual(['mine', 'mine', 'mine']);
  });

  it('U-12 finds headers in any case, and does not poll without a Location', async () => {
    const lower = await call(probe, { method: 'GET', url: `${peer.origin}/lower` });
    const nowhere = await call(probe, { method: 'GET', url: `${peer.origin}/nowhere` });

    expect(lower).toMatchObject({ statusCode: 200, content: 'ok' });
    expect(nowhere).toMatchObject({ statusCode: 202, content: 'accepted' });
    expect(requestsTo(peer, '/nowhere')).toHaveLength(1);
  });

  it('U-13 ends at the first failure', async () => {
    const answer = await call(probe, { method: 'GET', url: `${peer.origin}/gone` });

    expect(answer).toMatchObject({ statusCode: 404, content: '404!' });
  });

  it('leaves a request in the history that tools can read', async () => {
    const { instanceId } = await probe.run('P_Http', { method: 'GET', url: `${peer.origin}/echo` });

    const [scheduled] = await probe.events(instanceId, 'TaskScheduled');

    expect(scheduled).toMatchObject({ Name: 'BuiltIn::HttpActivity' });
    expect(await probe.events(instanceId, 'TaskCompleted')).toHaveLength(1);
  });
});

describe('durable HTTP with a managed identity', () => {
  it('U-11 sends a token of the identity, also to the Location', TEST_TIMEOUT, async () => {
    const identity = await startPeer({
      '/token': (response) => {
        const expires_on = String(Math.floor(Date.now() / 1000) + 3600);
        const token = { access_token: 'granted', expires_on, token_type: 'Bearer' };
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify(token));
      },
    });
    const peer = await startPeer({ '/orders': thirdTimeDone('0') });
    // As App Service tells its apps; @azure/identity looks there.
    const env = {
      IDENTITY_ENDPOINT: `${identity.origin}/token`,
      IDENTITY_HEADER: 'proof',
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    };
    const probe = new Probe({ edition: 'probe-v4', env });
    try {
      await probe.boot();
      const tokenSource = { kind: 'AzureManagedIdentity', resource: 'https://graph.microsoft.com' };

      await call(probe, { method: 'POST', url: `${peer.origin}/orders`, tokenSource });

      const sent = peer.requests.map((request) => request.headers.authorization);
      expect(sent).toEqual(['Bearer granted', 'Bearer granted', 'Bearer granted']);
      expect(identity.requests[0]?.headers['x-identity-header']).toBe('proof');
      expect(identity.requests[0]?.url).toContain('resource=https%3A%2F%2Fgraph.microsoft.com');
    } finally {
      await Promise.all([probe.shutDown(), peer.close(), identity.close()]);
    }
  });
});

interface Answer {
  readonly statusCode: number;
  readonly content: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function call(probe: Probe, request: object): Promise<Answer> {
  const status = await probe.run('P_Http', request);
  expect(status).toMatchObject({ runtimeStatus: 'Completed' });
  return status.output as Answer;
}

/** 202 and a pause for two requests, and 200 for the rest. */
function thirdTimeDone(retryAfter: string): Respond {
  let asked = 0;
  return (response, request) => {
    asked += 1;
    const headers = { Location: request.url, 'Retry-After': retryAfter };
    const answer = asked > 2 ? status(200, {}, 'done') : status(202, headers, 'wait');
    answer(response, request);
  };
}

function requestsTo(peer: HttpPeer, path: string): readonly ReceivedRequest[] {
  return peer.requests.filter(({ url }) => url === path);
}
