// Azurite on disk, on free ports, in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { freePort, run, untilListening } from './child-process.js';

const require = createRequire(import.meta.url);
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export async function startAzurite() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-azurite-'));
  const ports = { blob: await freePort(), queue: await freePort(), table: await freePort() };
  const entry = path.join(
    path.dirname(require.resolve('azurite/package.json')),
    'dist/src/azurite.js',
  );
  const options = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', '--location', folder];
  const child = run(process.execPath, [
    entry,
    ...options,
    ...['blob', 'queue', 'table'].flatMap((name) => [`--${name}Port`, String(ports[name])]),
  ]);
  for (const port of Object.values(ports)) await untilListening(port, child);
  return {
    ports,
    pid: child.pid,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of Azurite itself, or of a proxy in front of it. */
export function connectionString(ports) {
  const endpoint = (name, port) => `${name}Endpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
  return `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${ACCOUNT_KEY};${endpoint('Blob', ports.blob)}${endpoint('Queue', ports.queue)}${endpoint('Table', ports.table)}`;
}
