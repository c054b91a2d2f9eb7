import { expect, it } from 'vitest';
import type { Findings } from '../../src/config/config-error.ts';
import { listenAddress } from '../../src/config/listen-address.ts';

const nothing = (): Findings => ({ problems: [], notices: [] });

it.each([
  [{}, {}],
  [{ PORT: '8080' }, { port: 8080 }],
  [{ ASPNETCORE_URLS: 'http://+:80' }, { address: '0.0.0.0', port: 80 }],
  [{ ASPNETCORE_URLS: 'https://*:443;http://localhost:81' }, { address: '127.0.0.1', port: 81 }],
  [{ ASPNETCORE_URLS: 'http://[::1]:82' }, { address: '::1', port: 82 }],
  [
    { PORT: '8080', ASPNETCORE_URLS: 'http://*' },
    { address: '0.0.0.0', port: 8080 },
  ],
])('%j means %j', (environment, address) => {
  expect(listenAddress(environment, nothing())).toEqual(address);
});

it.each([
  [{ PORT: 'http' }, 'PORT'],
  [{ PORT: '65536' }, 'PORT'],
  [{ ASPNETCORE_URLS: 'https://+:443' }, 'ASPNETCORE_URLS'],
])('%j is a problem', (environment, name) => {
  const findings = nothing();
  listenAddress(environment, findings);

  expect(findings.problems.map(({ path }) => path)).toEqual([name]);
});
