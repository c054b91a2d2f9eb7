import { describe, expect, it } from 'vitest';
import { managementApp, memoryHub } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';

/** The input that an instance gets from such a body; the status of the answer when there is none. */
async function inputOf(body: Uint8Array, contentType: string): Promise<unknown> {
  const app = managementApp(memoryHub().client);
  const started = await app.request(`${BASE}/orchestrators/A`, {
    method: 'POST',
    body,
    headers: { 'content-type': contentType },
  });
  if (started.status !== 202) return started.status;
  const { statusQueryGetUri } = (await started.json()) as { statusQueryGetUri: string };
  const status = await app.request(statusQueryGetUri);
  return ((await status.json()) as { input: unknown }).input;
}

describe('the text of a body', () => {
  it.each([
    ['application/json', Buffer.from('"é"')],
    ['application/json', Buffer.from('\ufeff"é"')],
    ['application/json', Buffer.from('\ufeff"é"', 'utf16le')],
    ['application/json', Buffer.from('\ufeff"é"', 'utf16le').swap16()],
    ['application/json; charset="UTF-16"', Buffer.from('"é"', 'utf16le')],
    ['application/json;charset=utf-16be', Buffer.from('"é"', 'utf16le').swap16()],
    ['application/json; charset=iso-8859-1', Buffer.from('"é"', 'latin1')],
    ['application/json; charset=nobody-knows', Buffer.from('"é"')],
  ])('of type %s is in the charset of type or byte order mark', async (type, body) => {
    expect(await inputOf(body, type)).toBe('é');
  });

  it('in another charset than the type says is no JSON', async () => {
    expect(await inputOf(Buffer.from('"é"'), 'application/json; charset=utf-16')).toBe(400);
  });
});
