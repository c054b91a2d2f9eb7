import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { managedIdentityTokens } from '../../../src/function-app/durable-http/managed-identity.ts';
import type { TokenRequest } from '../../../src/function-app/durable-http/token-source.ts';
import { createScratchApp, type ScratchApp } from '../../support/scratch-app.ts';
import { callHttp, type HttpPeer, reasonOf, startPeer } from './http-peer.ts';

let peer: HttpPeer;
let app: ScratchApp | undefined;

beforeEach(async () => {
  peer = await startPeer();
});

afterEach(async () => {
  await peer.close();
  await app?.remove();
  app = undefined;
});

describe('a token source of callHttp', () => {
  it.each([
    ['https://management.core.windows.net', 'https://management.core.windows.net/.default'],
    ['https://management.core.windows.net/', 'https://management.core.windows.net/.default'],
    ['https://graph.microsoft.com/', 'https://graph.microsoft.com/.default'],
    ['api://mine/.default', 'api://mine/.default'],
    ['https://vault.azure.net', 'https://vault.azure.net'],
  ])('asks for a token of %s with the scope %s, and sends it', async (resource, scope) => {
    const asked: TokenRequest[] = [];
    const tokens = (request: TokenRequest) => {
      asked.push(request);
      return Promise.resolve('t0ken');
    };
    const tokenSource = { kind: 'AzureManagedIdentity', resource };
    const headers = { authorization: 'mine' };
    await callHttp({ uri: peer.origin, headers, tokenSource }, { tokens });

    expect(asked).toEqual([{ scope, authorityHost: undefined, tenantId: undefined }]);
    expect(peer.requests[0]?.headers.authorization).toBe('Bearer t0ken');
  });

  it.each([
    [{ authorityhost: 'https://login.test', tenantid: 't' }],
    ['{"authorityhost":"https://login.test","tenantid":"t"}'],
  ])('passes on its options: %j', async (options) => {
    let asked: TokenRequest | undefined;
    const tokens = (request: TokenRequest) => {
      asked = request;
      return Promise.resolve('t');
    };
    const tokenSource = { kind: 'AzureManagedIdentity', resource: 'r', options };
    await callHttp({ uri: peer.origin, tokenSource }, { tokens });

    expect(asked).toEqual({ scope: 'r', authorityHost: 'https://login.test', tenantId: 't' });
  });

  it.each([
    [{ kind: 'Other', resource: 'r' }, "The token source kind 'Other' is not supported."],
    [{ kind: 'AzureManagedIdentity' }, 'The tokenSource of callHttp must name its resource.'],
    [
      { kind: 'AzureManagedIdentity', resource: 'r', options: '{' },
      'The options of the tokenSource of callHttp must be an object.',
    ],
  ])('that is not understood is a failure: %j', async (tokenSource, reason) => {
    expect(await reasonOf(callHttp({ uri: peer.origin, tokenSource }))).toContain(reason);
    expect(peer.requests).toEqual([]);
  });

  it('that gives no token is a failure, and nothing is sent', async () => {
    const tokenSource = { kind: 'AzureManagedIdentity', resource: 'r' };
    const tokens = () => Promise.reject(new Error('Nobody is signed in.'));

    const call = callHttp({ uri: peer.origin, tokenSource }, { tokens });
    expect(await reasonOf(call)).toBe('Nobody is signed in.');
    expect(peer.requests).toEqual([]);
  });

  it('that never answers takes no longer than the request may', async () => {
    const tokenSource = { kind: 'AzureManagedIdentity', resource: 'r' };
    const tokens = () => new Promise<string>(() => undefined);

    const call = callHttp({ uri: peer.origin, tokenSource, timeout: 50 }, { tokens });
    expect(await reasonOf(call)).toContain('Reached user specified timeout');
  });
});

/** Stands in for the package that an app installs, and tells what it was asked for. */
const IDENTITY = `
exports.made = [];
exports.DefaultAzureCredential = class {
  constructor(options) { exports.made.push(options); }
  getToken(scope, { abortSignal }) {
    if (scope === 'bad') return Promise.reject(new Error('CredentialUnavailableError'));
    return Promise.resolve({ token: [scope, abortSignal.aborted, exports.made.length].join() });
  }
};`;

const request = (scope: string, tenantId?: string): TokenRequest => ({
  scope,
  authorityHost: undefined,
  tenantId,
});

describe('tokens of the managed identity', () => {
  it("come from the app's own @azure/identity, one credential for each tenant", async () => {
    app = await createScratchApp({ files: { 'node_modules/@azure/identity/index.js': IDENTITY } });
    const tokens = managedIdentityTokens([app.folder]);
    const { signal } = new AbortController();

    expect(await tokens(request('a'), signal)).toBe('a,false,1');
    expect(await tokens(request('b'), signal)).toBe('b,false,1');
    expect(await tokens(request('a', 't'), signal)).toBe('a,false,2');
  });

  it('say what failed and for which scope', async () => {
    app = await createScratchApp({ files: { 'node_modules/@azure/identity/index.js': IDENTITY } });
    const tokens = managedIdentityTokens([app.folder]);

    await expect(tokens(request('bad'), new AbortController().signal)).rejects.toThrow(
      "There is no managed identity token for 'bad': CredentialUnavailableError",
    );
  });

  it('say what to install when the package is missing', async () => {
    app = await createScratchApp({});
    const tokens = managedIdentityTokens([app.folder]);

    await expect(tokens(request('a'), new AbortController().signal)).rejects.toThrow(
      'A tokenSource of callHttp needs the package @azure/identity. Install it in the app: npm install @azure/identity',
    );
  });
});
