import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, callHttp, type HttpPeer, reasonOf, startPeer, status } from './http-peer.ts';

let other: HttpPeer;
let peer: HttpPeer;

beforeEach(async () => {
  other = await startPeer({ '/accepted': status(202, { Location: '/poll/1' }) });
  const to = (code: number, location: string) => status(code, { Location: location });
  peer = await startPeer({
    ...Object.fromEntries(
      [300, 301, 302, 303, 307, 308].map((code) => [`/${code}`, to(code, '/end?x=1')]),
    ),
    '/away': to(307, `${other.origin}/there`),
    '/away-to-202': to(302, `${other.origin}/accepted`),
    '/circle': to(302, '/circle'),
    '/nowhere': status(302),
    '/304': status(304),
    '/file': to(302, 'file:///etc/passwd'),
    '/nonsense': to(302, 'http://'),
    '/hops': (response, { url }) => {
      const count = Number(new URLSearchParams(url.split('?')[1]).get('n'));
      if (count === 0) response.end('arrived');
      else response.writeHead(302, { Location: `/hops?n=${count - 1}` }).end();
    },
  });
});

afterEach(async () => {
  await peer.close();
  await other.close();
});

const credentials = {
  Authorization: 'Bearer secret',
  Cookie: 'a=b',
  'Proxy-Authorization': 'Basic x',
  'X-Functions-Key': 'k1',
  'x-api-key': 'k2',
  'Ocp-Apim-Subscription-Key': 'k3',
};

describe('redirects of callHttp', () => {
  it.each([
    { code: 300, method: 'POST', then: 'GET' },
    { code: 301, method: 'POST', then: 'GET' },
    { code: 302, method: 'POST', then: 'GET' },
    { code: 303, method: 'POST', then: 'GET' },
    { code: 303, method: 'DELETE', then: 'GET' },
    { code: 303, method: 'HEAD', then: 'HEAD' },
    { code: 301, method: 'PUT', then: 'PUT' },
    { code: 307, method: 'POST', then: 'POST' },
    { code: 308, method: 'PATCH', then: 'PATCH' },
  ])('repeat a $method answered $code as $then', async ({ code, method, then }) => {
    const content = method === 'HEAD' ? null : 'body';
    await callHttp({ method, uri: `${peer.origin}/${code}`, content });

    const [first, second] = peer.requests;
    const isKept = then === method;
    expect(first).toMatchObject({ method, body: content ?? '' });
    expect(second).toMatchObject({ method: then, url: '/end?x=1' });
    expect(second?.body).toBe(isKept ? (content ?? '') : '');
    expect(second?.headers['content-type']).toBe(
      isKept ? first?.headers['content-type'] : undefined,
    );
  });

  it('take credentials along within an origin', async () => {
    await callHttp({ method: 'GET', uri: `${peer.origin}/302`, headers: credentials });

    expect(peer.requests[1]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-functions-key': 'k1',
    });
  });

  it('take no credentials to another origin, and everything else', async () => {
    const headers = { ...credentials, Host: 'here.test', 'X-Own': '1', 'User-Agent': 'me' };
    await callHttp({ method: 'POST', uri: `${peer.origin}/away`, headers, content: '{}' });

    expect(other.requests).toHaveLength(1);
    expect(other.requests[0]).toMatchObject({ method: 'POST', body: '{}' });
    expect(other.requests[0]?.headers).toEqual({
      'x-own': '1',
      'user-agent': 'me',
      'content-type': 'text/plain',
      'content-length': '2',
      host: new URL(other.origin).host,
      connection: 'keep-alive',
    });
  });

  it('take no managed identity token to another origin', async () => {
    const tokenSource = { kind: 'AzureManagedIdentity', resource: 'r' };
    const tokens = () => Promise.resolve('secret');
    await callHttp({ uri: `${peer.origin}/away`, tokenSource }, { tokens });

    expect(peer.requests[0]?.headers.authorization).toBe('Bearer secret');
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('take no user of the address to another origin', async () => {
    const origin = peer.origin.replace('//', '//us%20er:pa%ss@');
    await callHttp({ uri: `${origin}/302` });
    await callHttp({ uri: `${origin}/away` });

    const basic = `Basic ${Buffer.from('us er:pa%ss').toString('base64')}`;
    expect(peer.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(basic));
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('are followed fifty times and not more', async () => {
    const fifty = await answerOf(callHttp({ uri: `${peer.origin}/hops?n=50` }));
    const reason = await reasonOf(callHttp({ uri: `${peer.origin}/hops?n=51` }));

    expect(fifty.content).toBe('arrived');
    expect(reason).toBe(
      `The request to ${peer.origin}/hops was redirected more than 50 times, last to ${peer.origin}/hops.`,
    );
  });

  it('in a circle are a failure', async () => {
    expect(await reasonOf(callHttp({ uri: `${peer.origin}/circle` }))).toContain('more than 50');
  });

  it.each(['/nowhere', '/304', '/file', '/nonsense'])(
    'that lead nowhere are answers: %s',
    async (path) => {
      const answer = await answerOf(callHttp({ uri: `${peer.origin}${path}` }));

      expect([302, 304]).toContain(answer.statusCode);
      expect(peer.requests).toHaveLength(1);
    },
  );

  it('make the address to poll absolute, because only they know who answered', async () => {
    const answer = await answerOf(callHttp({ uri: `${peer.origin}/away-to-202` }));

    expect(answer).toMatchObject({
      statusCode: 202,
      headers: { Location: `${other.origin}/poll/1` },
    });
  });
});
