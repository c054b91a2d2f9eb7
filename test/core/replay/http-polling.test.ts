/** Durable HTTP: when an answer is polled for, where, after how long, and with which headers. */
import { describe, expect, it } from 'vitest';
import type { HttpRequestAction } from '../../../src/core/replay/action.ts';
import { readHttpAnswer } from '../../../src/core/replay/http-answer.ts';
import { startHttpCall } from '../../../src/core/replay/http-call.ts';
import { START_MS } from '../../support/history.ts';
import { WalkScope } from './walk-scope.ts';

const REQUEST: HttpRequestAction = {
  method: 'POST',
  uri: 'https://api.example/jobs',
  content: '{}',
  headers: {
    'Content-Type': 'application/json',
    'X-Functions-Key': 'secret',
    Authorization: 'Bearer t',
    Accept: '*/*',
  },
  tokenSource: { resource: 'r' },
  asynchronousPatternEnabled: true,
  timeout: null,
  raw: { method: 'POST', uri: 'https://api.example/jobs' },
};

const answer = (statusCode: number, headers: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ statusCode, headers, content: '' });

/** The pause before the next poll in seconds, after a 202 with these headers. */
function pauseSeconds(headers: Readonly<Record<string, string>>): number {
  const scope = new WalkScope();
  startHttpCall(scope, REQUEST);
  scope.complete(0, answer(202, { location: '/jobs/1', ...headers }));
  const timer = scope.scheduledAs(1);
  return timer.kind === 'timer' ? (Date.parse(timer.fireAt) - START_MS) / 1000 : NaN;
}

function nextRequest(location: string): Record<string, unknown> {
  const scope = new WalkScope();
  startHttpCall(scope, REQUEST);
  scope.complete(0, answer(202, { Location: location }));
  scope.fire(1, 30);
  const scheduled = scope.scheduledAs(2);
  const [request] = JSON.parse(scheduled.kind === 'activity' ? scheduled.input : '[]') as [
    Record<string, unknown>,
  ];
  return request;
}

describe('a durable HTTP call', () => {
  it.each([
    [200, { location: '/jobs/1' }, REQUEST],
    [202, {}, REQUEST],
    [202, { location: '/jobs/1' }, { ...REQUEST, asynchronousPatternEnabled: false }],
  ])('is over with the answer %i %o', (status, headers, request) => {
    const scope = new WalkScope();
    const task = startHttpCall(scope, request);
    scope.complete(0, answer(status, headers));
    expect(task.outcome).toBe('succeeded');
    expect(scope.upcomingId).toBe(1);
  });

  it('fails with its activity', () => {
    const scope = new WalkScope();
    const task = startHttpCall(scope, REQUEST);
    scope.fail(0);
    expect(task.outcome).toBe('failed');
  });

  it('takes two ids for each poll at once, one for the pause and one for the request', () => {
    const scope = new WalkScope();
    const task = startHttpCall(scope, REQUEST);

    scope.complete(0, answer(202, { location: '/jobs/1' }));
    expect(scope.upcomingId).toBe(3);
    expect(scope.asked).toEqual(['0:BuiltIn::HttpActivity', '1:timer +30s']);
    scope.fire(1, 30);
    expect(scope.asked.at(-1)).toBe('2:BuiltIn::HttpActivity');
    scope.complete(2, answer(202, { location: '/jobs/1' }));
    expect(scope.upcomingId).toBe(5);
    scope.fire(3, 60);
    scope.complete(4, answer(200));

    expect(task.outcome).toBe('succeeded');
  });
});

describe('the pause before a poll', () => {
  it.each([
    [{}, 30],
    [{ 'retry-after': '7' }, 7],
    [{ 'Retry-After': ' 1.5 ' }, 1.5],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'soon' }, 30],
    [{ 'retry-after': '-1' }, 30],
    [{ 'retry-after': '99999999999999999' }, 30],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, 120],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 30],
    [{ 'retry-after': '2026-01-01' }, 30],
  ])('after %o is %d s', (headers, seconds) => {
    expect(pauseSeconds(headers)).toBe(seconds);
  });
});

describe('a poll', () => {
  it('goes to the same origin with the token, and without what belongs to the first request alone', () => {
    expect(nextRequest('/jobs/1')).toEqual({
      method: 'GET',
      uri: 'https://api.example/jobs/1',
      headers: { Authorization: 'Bearer t', Accept: '*/*' },
      tokenSource: { resource: 'r' },
      asynchronousPatternEnabled: true,
    });
  });

  it('goes to another origin without anything that says who asks', () => {
    expect(nextRequest('https://elsewhere.example/1')).toEqual({
      method: 'GET',
      uri: 'https://elsewhere.example/1',
      headers: { Accept: '*/*' },
      asynchronousPatternEnabled: true,
    });
  });
});

describe('a stored answer', () => {
  it.each([null, '', 'no JSON', '[]', '{}', '{"statusCode":"200"}'])('%j is none', (text) => {
    expect(readHttpAnswer(text)).toBeUndefined();
  });

  it('has the first value of a header, whatever the case of its name', () => {
    const stored = readHttpAnswer(answer(202, { LOCATION: ['/a', '/b'], n: 5 }));
    expect(stored?.statusCode).toBe(202);
    expect([stored?.header('location'), stored?.header('n'), stored?.header('none')]).toEqual([
      '/a',
      undefined,
      undefined,
    ]);
  });
});
