/**
 * Hosts of the probe app that all test files of a run share, whichever worker runs them: one for each edition and environment,
 * started when a file first asks for it, and ended with the run. A host takes longer to start than most scenarios take.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bootProbe, type ProbeHost, type ProbeTarget } from './probe-host.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    sharedProbesUrl: string;
  }
}

export interface SharedProbes {
  /** Where `sharedProbe` asks. */
  readonly url: string;
  /** Ends all hosts. */
  stop(): Promise<void>;
}

/** What a test needs of a host that another process keeps. */
export type SharedProbe = Pick<ProbeHost, 'url' | 'hub' | 'folder' | 'storage'>;

/** @param accounts connection strings; the hosts are spread over them. */
export async function keepSharedProbes(accounts: readonly string[]): Promise<SharedProbes> {
  const hosts = new Map<string, Promise<ProbeHost>>();
  const hostOf = (target: string): Promise<ProbeHost> => {
    const known = hosts.get(target);
    if (known !== undefined) return known;
    const storage = accounts[hosts.size % accounts.length] ?? '';
    const host = bootProbe(JSON.parse(target) as ProbeTarget, storage);
    hosts.set(target, host);
    return host;
  };
  const server = createServer((request, response) => {
    const target = decodeURIComponent(request.url?.slice(1) ?? '');
    hostOf(target).then(
      ({ url, hub, folder, storage }) =>
        response.end(JSON.stringify({ url, hub, folder, storage })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.close();
      // One that did not start has failed the tests that wanted it.
      for (const host of hosts.values()) {
        await host.then(
          (probe) => probe.stop(),
          () => undefined,
        );
      }
    },
  };
}

/** @throws {Error} with what the host printed, when it does not start. */
export async function sharedProbe(keeperUrl: string, target: ProbeTarget): Promise<SharedProbe> {
  const response = await fetch(`${keeperUrl}/${encodeURIComponent(JSON.stringify(target))}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as SharedProbe;
}
