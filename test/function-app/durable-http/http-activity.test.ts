import { gzipSync } from 'node:zlib';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/telemetry/log.ts';
import {
  answerOf,
  callHttp,
  httpInvoker,
  type HttpPeer,
  reasonOf,
  startPeer,
  status,
} from './http-peer.ts';

let peer: HttpPeer;

beforeEach(async () => {
  peer = await startPeer({
    '/recorded': status(200, { 'Content-Type': 'application/json', 'Content-Length': 2 }, '[]'),
    '/many': status(200, { 'X-Multi': ['a', 'b'], 'Set-Cookie': ['c=1', 'd=2'], 'x-one': 'c' }),
    '/long': status(200, { 'X-Long': 'a'.repeat(60_000) }),
    '/too-long': status(200, { 'X-Long': 'a'.repeat(70_000) }),
    '/content-headers': status(200, {
      Allow: 'GET',
      'Content-Language': 'en',
      'Content-Own': 'x',
      Expires: '0',
      'Last-Modified': 'Sat, 21 Nov 2026 06:40:31 GMT',
      ETag: '"1"',
    }),
    '/latin1': (response) => {
      response.setHeader('Content-Type', 'text/plain; charset=iso-8859-1');
      response.end(Buffer.from('Grüße', 'latin1'));
    },
    '/odd-charset': (response) => {
      response.setHeader('Content-Type', 'text/plain; charset=klingon');
      response.end('Grüße');
    },
    '/gzip': (response) => {
      response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipSync('unpacked'));
    },
    '/no-gzip': status(200, { 'Content-Encoding': 'gzip' }, 'plain'),
    '/large': status(200, {}, 'x'.repeat(2000)),
    '/silent': () => undefined,
    '/half': (response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.destroy());
    },
    '/upgrade': status(101, { Connection: 'Upgrade', Upgrade: 'other' }),
    ...Object.fromEntries([204, 400, 404, 500, 503].map((code) => [`/${code}`, status(code)])),
  });
});

afterEach(() => peer.close());

describe('the request of callHttp', () => {
  it('has the method, headers and content that the orchestrator gave', async () => {
    await callHttp({
      method: 'put',
      uri: `${peer.origin}/a%20b?q=1&r=%26`,
      headers: { 'X-One': '1', 'X-Two': ['a', 'b'], 'content-type': 'application/json' },
      content: '{"ü":1}',
    });

    const [request] = peer.requests;
    expect(request).toMatchObject({ method: 'PUT', url: '/a%20b?q=1&r=%26', body: '{"ü":1}' });
    expect(request?.headers).toMatchObject({
      'x-one': '1',
      'x-two': 'a, b',
      'content-type': 'application/json',
      'content-length': '8',
    });
  });

  it.each([
    { given: undefined, sent: 'text/plain' },
    { given: 'application/json; charset=utf-8', sent: 'application/json; charset=utf-8' },
    {
      given: 'application/x-www-form-urlencoded',
      sent: 'application/x-www-form-urlencoded; charset=utf-8',
    },
  ])('has the content type $sent when the headers say $given', async ({ given, sent }) => {
    const headers = given === undefined ? {} : { 'Content-Type': given };
    await callHttp({ method: 'POST', uri: peer.origin, headers, content: 'a=b' });

    expect(peer.requests[0]).toMatchObject({ body: 'a=b', headers: { 'content-type': sent } });
  });

  it.each([0, 12.5, false, true])('has the number or boolean %j as text', async (content) => {
    await callHttp({ method: 'POST', uri: peer.origin, content });

    expect(peer.requests[0]).toMatchObject({
      body: String(content),
      headers: { 'content-type': 'text/plain' },
    });
  });

  it('has neither content nor content type when there is no content', async () => {
    const headers = { 'Content-Type': 'application/json' };
    await callHttp({ method: 'POST', uri: peer.origin, headers, content: null });

    expect(peer.requests[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } });
    expect(peer.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('says who sends it, unless the orchestrator does', async () => {
    const options = { userAgent: 'durable-functions-extension/1.2.3' };
    await callHttp({ method: 'GET', uri: peer.origin }, options);
    await callHttp({ method: 'GET', uri: peer.origin, headers: { 'user-agent': 'me' } }, options);

    expect(peer.requests.map(({ headers }) => headers['user-agent'])).toEqual([
      'durable-functions-extension/1.2.3',
      'me',
    ]);
  });

  it('says where it stands in its trace, when it is part of one', async () => {
    const traceParent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const request = { method: 'GET', uri: peer.origin };
    await callHttp(request, {}, { traceParent, traceState: 'vendor=a1' });
    await callHttp(request, {}, { traceParent, traceState: null });
    await callHttp(request);

    expect(
      peer.requests.map(({ headers }) => [headers['traceparent'], headers['tracestate']]),
    ).toEqual([
      [traceParent, 'vendor=a1'],
      [traceParent, undefined],
      [undefined, undefined],
    ]);
  });

  it('says of its trace what the orchestrator says, when it does', async () => {
    const traceParent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const own = '00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b8-00';
    const request = { method: 'GET', uri: peer.origin, headers: { TraceParent: own } };
    await callHttp(request, {}, { traceParent, traceState: 'vendor=a1' });

    const [sent] = peer.requests;
    expect(sent?.headers).toMatchObject({ traceparent: own });
    expect(sent?.headers).not.toHaveProperty('tracestate');
  });

  it('is understood as the .NET extension writes it', async () => {
    const answer = await answerOf(
      callHttp({
        $type: 'Microsoft.Azure.WebJobs.Extensions.DurableTask.DurableHttpRequest, …',
        method: 'GET',
        uri: `${peer.origin}/x`,
        headers: {},
        content: null,
        tokenSource: null,
        asynchronousPatternEnabled: true,
        retryOptions: null,
        timeout: null,
      }),
    );

    expect(answer).toMatchObject({ statusCode: 200, content: 'ok' });
  });

  it('is logged without what may be secret in its address', async () => {
    const records: LogRecord[] = [];
    const log = { write: (record: LogRecord) => records.push(record) };
    const uri = `${peer.origin.replace('//', '//user:pass@')}/x?code=secret&b=2`;
    await callHttp({ method: 'GET', uri, headers: { Authorization: 'Bearer secret' } }, { log });

    expect(records.map(({ fields }) => fields)).toEqual([
      {
        instanceId: 'inst',
        httpMethod: 'GET',
        requestUri: `${peer.origin}/x`,
        queryParameterNames: 'code, b',
      },
    ]);
    expect(JSON.stringify(records)).not.toMatch(/secret|pass/);
  });
});

describe('the answer to callHttp', () => {
  it('has the members, in the order, that the .NET extension stores', async () => {
    const outcome = await callHttp({ method: 'GET', uri: `${peer.origin}/recorded` });

    expect(outcome).toEqual({
      kind: 'completed',
      result: expect.stringMatching(
        /^\{"statusCode":200,"headers":\{"Date":"[^"]+ GMT","Connection":"keep-alive","Keep-Alive":"timeout=5"\},"content":"\[\]"\}$/,
      ) as string,
    });
  });

  it('has an array for a header with several values, and text for one', async () => {
    const { headers } = await answerOf(callHttp({ method: 'GET', uri: `${peer.origin}/many` }));

    expect(headers).toMatchObject({
      'X-Multi': ['a', 'b'],
      'Set-Cookie': ['c=1', 'd=2'],
      'x-one': 'c',
    });
  });

  it('may have 64 KiB of headers, as with the .NET extension', async () => {
    const { headers } = await answerOf(callHttp({ uri: `${peer.origin}/long` }));

    expect(headers['X-Long']).toHaveLength(60_000);
    expect(await reasonOf(callHttp({ uri: `${peer.origin}/too-long` }))).toContain(
      'Header overflow',
    );
  });

  it('leaves out the headers that describe the content', async () => {
    const uri = `${peer.origin}/content-headers`;
    const { headers } = await answerOf(callHttp({ method: 'GET', uri }));

    expect(Object.keys(headers)).toEqual([
      'Content-Own',
      'ETag',
      'Date',
      'Connection',
      'Keep-Alive',
      'Transfer-Encoding',
    ]);
  });

  it.each([204, 400, 404, 500, 503])('is a result when the status is %i', async (code) => {
    const answer = await answerOf(callHttp({ method: 'GET', uri: `${peer.origin}/${code}` }));

    expect(answer).toMatchObject({ statusCode: code, content: '' });
  });

  it.each([
    { path: '/latin1', content: 'Grüße' },
    { path: '/odd-charset', content: 'Grüße' },
    { path: '/gzip', content: 'unpacked' },
  ])('has the text of $path', async ({ path, content }) => {
    const answer = await answerOf(callHttp({ method: 'GET', uri: `${peer.origin}${path}` }));

    expect(answer.content).toBe(content);
  });
});

describe('a request of callHttp that cannot be sent', () => {
  it.each([
    [{ uri: '/relative' }, "The address '/relative' of callHttp is not absolute."],
    [{ uri: 'file:///etc/passwd' }, "'file:///etc/passwd' of callHttp is neither http nor https."],
    [{ uri: 'http://' }, "The address 'http://' of callHttp is not absolute."],
    [{}, 'The address undefined of callHttp is not absolute.'],
    [{ method: 'NO WAY', uri: 'http://x.test' }, "The method 'NO WAY' of callHttp is no HTTP"],
    [{ method: 'CONNECT', uri: 'http://x.test' }, 'callHttp cannot send CONNECT'],
    [{ uri: 'http://x.test', headers: { 'a b': '1' } }, "The header 'a b' of callHttp cannot be"],
    [{ uri: 'http://x.test', headers: { a: 'x\r\ny: z' } }, "The header 'a' of callHttp cannot be"],
    [{ uri: 'http://x.test', headers: { a: { b: 1 } } }, "The header 'a' of callHttp must be text"],
    [{ uri: 'http://x.test', headers: 'a: b' }, 'The headers of callHttp must be an object'],
    [{ uri: 'http://x.test', headers: { 'content-length': '1' } }, 'Remove it from the headers'],
    [{ uri: 'http://x.test', content: { a: 1 } }, 'The content of callHttp must be text'],
    [{ uri: 'http://x.test', timeout: 'soon' }, "The timeout 'soon' of callHttp is no duration."],
    [{ uri: 'http://x.test', timeout: -2 }, 'The timeout -2 of callHttp is not between'],
    [{ uri: 'http://x.test', retryOptions: {} }, 'retryOptions.maxNumberOfAttempts of callHttp'],
    ['nonsense', 'The input of callHttp is not a request'],
  ])('says so: %j', async (request, reason) => {
    expect(await reasonOf(callHttp(request))).toContain(reason);
  });

  it('is told in the words of .NET when it is multipart', async () => {
    const headers = { 'Content-Type': 'Multipart/form-data; boundary=x' };
    const call = callHttp({ method: 'POST', uri: peer.origin, headers, content: 'x' });

    expect(await reasonOf(call)).toBe('Multipart content is not supported with CallHttpAsync.');
    expect(peer.requests).toEqual([]);
  });

  it('does not tell the value of a bad header, which may be a secret', async () => {
    const headers = { Authorization: 'Bearer secret\n' };

    expect(await reasonOf(callHttp({ uri: peer.origin, headers }))).not.toContain('secret');
  });
});

describe('a request of callHttp without an answer', () => {
  it('fails when nobody listens there', async () => {
    await peer.close();
    const outcome = await callHttp({ method: 'GET', uri: `${peer.origin}/x?code=secret` });

    const reason = `Connection refused (${new URL(peer.origin).host})`;
    expect(outcome).toMatchObject({ kind: 'failed', reason, failureDetails: null });
    expect(outcome.kind === 'failed' && JSON.parse(outcome.details)).toMatchObject({
      ClassName: 'System.Exception',
      Message: reason,
    });
  });

  it('fails when the name does not exist', async () => {
    expect(await reasonOf(callHttp({ uri: 'http://no.such.host.invalid/' }))).toMatch(
      /^(Name or service not known|Temporary failure in name resolution) \(no\.such\.host\.invalid:80\)$/,
    );
  });

  it.each([
    { timeout: '00:00:00.0500000', text: '00:00:00.0500000' },
    { timeout: 50, text: '00:00:00.0500000' },
    { timeout: '00:00:00', text: '00:00:00' },
  ])('fails after its timeout $timeout', async ({ timeout, text }) => {
    expect(await reasonOf(callHttp({ uri: `${peer.origin}/silent`, timeout }))).toBe(
      `The operation was canceled. Reached user specified timeout: ${text}.`,
    );
  });

  it('fails after the default time when it names none', async () => {
    const call = callHttp({ uri: `${peer.origin}/silent` }, { defaultTimeoutMs: 50 });

    expect(await reasonOf(call)).toBe(
      'The request was canceled due to the configured HttpClient.Timeout of 0.05 seconds elapsing.',
    );
  });

  it('may wait without a limit', async () => {
    const call = callHttp({ uri: peer.origin, timeout: '-00:00:00.0010000' });

    expect(await answerOf(call)).toMatchObject({ statusCode: 200 });
  });

  it('fails when the connection breaks within the answer', async () => {
    expect(await reasonOf(callHttp({ uri: `${peer.origin}/half` }))).toMatch(
      /^Connection reset by peer \(127\.0\.0\.1:\d+\)$/,
    );
  });

  it('fails when the peer speaks another protocol', async () => {
    const other = net.createServer((socket) => socket.end('SSH-2.0-Other\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;

    const reason = await reasonOf(callHttp({ uri: `http://127.0.0.1:${port}/` }));
    expect(reason).toContain('An error occurred while sending the request: Parse Error');
    other.close();
  });

  it('fails when the peer has no TLS', async () => {
    const uri = peer.origin.replace('http:', 'https:');

    expect(await reasonOf(callHttp({ uri }))).toMatch(
      /^An error occurred while sending the request: .*SSL.*\(127\.0\.0\.1:\d+\)$/s,
    );
  });

  it('fails when the peer switches protocols', async () => {
    const reason = await reasonOf(callHttp({ uri: `${peer.origin}/upgrade`, timeout: 5000 }));

    expect(reason).toMatch(/Connection reset|closed without an answer/);
  });

  it('fails when the answer is larger than may be read', async () => {
    const call = callHttp({ uri: `${peer.origin}/large` }, { maxBodyBytes: 1000 });

    expect(await reasonOf(call)).toBe(
      'The answer is larger than the 1000 bytes that callHttp reads.',
    );
  });

  it('fails when the content is not encoded as the answer says', async () => {
    expect(await reasonOf(callHttp({ uri: `${peer.origin}/no-gzip` }))).toContain(
      'no gzip content',
    );
  });
});

describe('connections of callHttp', () => {
  it('are used again, and replaced when the peer closed them meanwhile', async () => {
    let connections = 0;
    const server = net.createServer((socket) => {
      connections += 1;
      let requests = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests += 1;
        if (connections === 1 && requests === 2) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const invoker = httpInvoker();
    const input = JSON.stringify([{ uri: `http://127.0.0.1:${port}/` }]);
    const call = () =>
      invoker.runActivity({ functionName: 'builtin::httpactivity', instanceId: 'i', input });

    expect((await call()).kind).toBe('completed');
    expect((await call()).kind).toBe('completed');
    expect(connections).toBe(2);
    server.close();
  });
});
