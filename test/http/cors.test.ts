import { describe, expect, it } from 'vitest';
import { type CorsSettings, withCors } from '../../src/http/cors.ts';

const LISTED = { origins: ['http://localhost:3000', 'https://x.test/'], allowCredentials: false };

/** Asks an app that answers everything alike. */
function ask(cors: CorsSettings, init: RequestInit): Promise<Response> {
  const app = { fetch: () => new Response('answer', { status: 202 }) };
  const request = new Request('http://localhost:7071/runtime/webhooks/durabletask/x', init);
  return Promise.resolve(withCors(app, cors).fetch(request));
}

const preflight = (origin: string): RequestInit => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'x-a,x-b',
  },
});

describe('cross-origin requests', () => {
  it('of listed origins get their preflight answered, whatever the path', async () => {
    const response = await ask(LISTED, preflight('https://x.test'));

    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toEqual({
      'access-control-allow-origin': 'https://x.test',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'x-a,x-b',
      vary: 'Origin',
    });
  });

  it('of other origins get no permission', async () => {
    const response = await ask(LISTED, preflight('https://evil.test'));
    const answer = await ask(LISTED, { headers: { origin: 'https://evil.test' } });

    expect([response.status, [...response.headers]]).toEqual([204, []]);
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('get the permission with the answer too', async () => {
    const init = { headers: { origin: 'https://y.test' } };
    const open = await ask({ origins: ['*'], allowCredentials: false }, init);
    const named = await ask({ origins: ['*'], allowCredentials: true }, init);

    expect([open.status, await open.text()]).toEqual([202, 'answer']);
    expect(open.headers.get('access-control-allow-origin')).toBe('*');
    expect(named.headers.get('access-control-allow-origin')).toBe('https://y.test');
    expect(named.headers.get('access-control-allow-credentials')).toBe('true');
  });

  it('are ordinary requests where none is asked for', async () => {
    const options = await ask(LISTED, { method: 'OPTIONS', headers: { origin: 'https://x.test' } });

    expect(options.status).toBe(202);
    expect((await ask(LISTED, {})).headers.has('access-control-allow-origin')).toBe(false);
  });
});
