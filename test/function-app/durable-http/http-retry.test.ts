import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, callHttp, type HttpPeer, reasonOf, startPeer, status } from './http-peer.ts';

let peer: HttpPeer;
let served: number;

beforeEach(async () => {
  served = 0;
  peer = await startPeer({
    '/500': status(500),
    '/404': status(404),
    '/third': (response) => {
      served += 1;
      response.writeHead(served < 3 ? 503 : 200).end('done');
    },
    '/silent': () => undefined,
  });
});

afterEach(() => peer.close());

const threeTimes = { FirstRetryInterval: '00:00:00.0100000', MaxNumberOfAttempts: 3 };

describe('retryOptions of callHttp', () => {
  it('repeat the request until it succeeds', async () => {
    const retryOptions = { firstRetryInterval: 10, maxNumberOfAttempts: 5 };
    const answer = await answerOf(callHttp({ uri: `${peer.origin}/third`, retryOptions }));

    expect(answer).toMatchObject({ statusCode: 200, content: 'done' });
    expect(peer.requests).toHaveLength(3);
  });

  it('fail with the status after the last attempt', async () => {
    const retryOptions = { ...threeTimes, StatusCodesToRetry: [500] };
    const reason = await reasonOf(callHttp({ uri: `${peer.origin}/500`, retryOptions }));

    expect(reason).toBe('The HTTP request failed with status code 500.');
    expect(peer.requests).toHaveLength(3);
  });

  it('take a status that is not listed for an answer', async () => {
    const retryOptions = { ...threeTimes, StatusCodesToRetry: [500] };
    const answer = await answerOf(callHttp({ uri: `${peer.origin}/404`, retryOptions }));

    expect(answer.statusCode).toBe(404);
    expect(peer.requests).toHaveLength(1);
  });

  it('repeat a request that got no answer in time', async () => {
    const request = { uri: `${peer.origin}/silent`, timeout: 50, retryOptions: threeTimes };

    expect(await reasonOf(callHttp(request))).toContain('Reached user specified timeout');
    expect(peer.requests).toHaveLength(3);
  });

  it('do not repeat a request that cannot be sent', async () => {
    const request = { uri: '/relative', retryOptions: threeTimes };

    expect(await reasonOf(callHttp(request))).toContain('is not absolute');
  });

  it('end when their time is over', async () => {
    const retryOptions = { ...threeTimes, MaxNumberOfAttempts: 1000, RetryTimeout: '00:00:00.05' };

    expect(await reasonOf(callHttp({ uri: `${peer.origin}/404`, retryOptions }))).toContain('404');
    expect(peer.requests.length).toBeLessThan(1000);
  });

  it('are understood as .NET writes its defaults', async () => {
    const retryOptions = {
      ...threeTimes,
      MaxRetryInterval: '6.00:00:00',
      BackoffCoefficient: 1.0,
      RetryTimeout: '10675199.02:48:05.4775807',
      StatusCodesToRetry: [],
    };
    await callHttp({ uri: `${peer.origin}/404`, retryOptions });

    expect(peer.requests).toHaveLength(3);
  });

  it('do not pause for longer than an activity may, and say what to do instead', async () => {
    const retryOptions = { firstRetryInterval: '01:00:00', maxNumberOfAttempts: 3 };

    expect(await reasonOf(callHttp({ uri: `${peer.origin}/500`, retryOptions }))).toBe(
      'The HTTP request failed with status code 500. No more attempts: the next one is due in 01:00:00, and retries of callHttp may pause for 00:10:00 in all. For longer pauses, catch the error and wait with context.df.createTimer.',
    );
  });
});
