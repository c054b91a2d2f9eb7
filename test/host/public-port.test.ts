import { describe, expect, it } from 'vitest';
import { openPublicPort } from '../../src/host/public-port.ts';

const app = { fetch: () => new Response('served') };

describe('the public port', () => {
  it('keeps requests that come too early until the host runs', async () => {
    const port = await openPublicPort({ port: 0 });

    const early = fetch(port.url);
    port.serve(app);

    expect(await (await early).text()).toBe('served');
    expect(await (await fetch(port.url)).text()).toBe('served');
    await port.close();
  });

  it('answers 503 to those who wait when the start fails', async () => {
    const port = await openPublicPort({ port: 0 });
    const early = fetch(port.url);
    await fetchArrived();

    await port.close();

    expect((await early).status).toBe(503);
  });

  it.each([
    ['0.0.0.0', 'localhost'],
    ['127.0.0.2', '127.0.0.2'],
    ['::1', '[::1]'],
  ])('that is open on %s is called %s', async (hostname, expected) => {
    const port = await openPublicPort({ port: 0, hostname });
    port.serve(app);

    expect(port.url).toBe(`http://${expected}:${port.port}`);
    expect(await (await fetch(port.url)).text()).toBe('served');
    await port.close();
  });

  it('refuses a port that is taken, naming it', async () => {
    const first = await openPublicPort({ port: 0 });

    await expect(openPublicPort({ port: first.port })).rejects.toThrow(
      `Port ${first.port} is unavailable.`,
    );
    await first.close();
  });
});

/** A request of our own that has made the round trip was sent after the early one. */
async function fetchArrived(): Promise<void> {
  const other = await openPublicPort({ port: 0 });
  other.serve(app);
  await fetch(other.url);
  await other.close();
}
