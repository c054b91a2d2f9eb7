/**
 * Storage that knows tokens only, and who gives them out: an Azurite with https and `--oauth basic`, and an endpoint as a machine
 * in Azure offers it to its managed identity.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listeningEndpoints, QUICK_AZURITE } from './azurite.ts';
import { endWithTests } from './child-processes.ts';

const HEADER = 'a-secret-of-the-machine';
const ACCOUNT = 'devstoreaccount1';

export interface IdentityStorage {
  /** Settings of an app whose AzureWebJobsStorage is this account, by its managed identity, and the surroundings that it needs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The client ids that tokens were asked for; '' for the identity of the system. */
  readonly askedFor: readonly string[];
  stop(): Promise<void>;
}

/** False when there is no openssl to make a certificate with. */
export function canHaveIdentityStorage(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

export async function startIdentityStorage(): Promise<IdentityStorage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'azurite-identity-'));
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  makeCertificate(key, certificate);
  const azurite = await startAzurite(folder, ['--key', key, '--cert', certificate]);
  const tokens = await startTokenEndpoint();
  const uri = (service: string): string => `${azurite.endpoints.get(service) ?? ''}/${ACCOUNT}`;
  return {
    env: {
      AzureWebJobsStorage: undefined,
      AzureWebJobsStorage__blobServiceUri: uri('Blob'),
      AzureWebJobsStorage__queueServiceUri: uri('Queue'),
      AzureWebJobsStorage__tableServiceUri: uri('Table'),
      AzureWebJobsStorage__credential: 'managedidentity',
      IDENTITY_ENDPOINT: tokens.url,
      IDENTITY_HEADER: HEADER,
      NODE_EXTRA_CA_CERTS: certificate,
    },
    askedFor: tokens.askedFor,
    stop: async () => {
      await Promise.all([azurite.stop(), tokens.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function makeCertificate(key: string, certificate: string): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject].concat([
      ...['-keyout', key],
      ...['-out', certificate],
    ]),
    { stdio: 'ignore' },
  );
}

async function startAzurite(folder: string, https: readonly string[]) {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'];
  const rest = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', '--location', folder];
  const child = endWithTests(
    spawn(
      process.execPath,
      ['--require', QUICK_AZURITE, program, ...ports, ...rest, '--oauth', 'basic', ...https],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    ),
  );
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  return { endpoints: await listeningEndpoints(child.stdout, child.stderr), stop };
}

/** As App Service has it: GET with `resource`, and the header as proof that the caller is on the machine. */
async function startTokenEndpoint() {
  const askedFor: string[] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    if (request.headers['x-identity-header'] !== HEADER) {
      response.writeHead(401).end();
      return;
    }
    askedFor.push(query.get('client_id') ?? '');
    const expiresOn = Math.floor(Date.now() / 1000) + 3600;
    const resource = query.get('resource') ?? '';
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        access_token: unsignedToken(resource, expiresOn),
        expires_on: String(expiresOn),
        resource,
        token_type: 'Bearer',
      }),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/msi/token`,
    askedFor,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function unsignedToken(audience: string, expiresOn: number): string {
  const issuedAt = expiresOn - 7200;
  const claims = {
    aud: audience,
    iss: 'https://sts.windows-ppe.net/00000000-0000-0000-0000-000000000000/',
    iat: issuedAt,
    nbf: issuedAt,
    exp: expiresOn,
  };
  const encoded = [{ alg: 'none', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...encoded, ''].join('.');
}
