// A PostgreSQL of its own for a peer that needs one, with the durability it ships with, on a free port in a folder that goes.
import { chownSync, existsSync, mkdtempSync, appendFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, run, runToEnd, untilListening } from './child-process.js';

/** @returns undefined, said aloud, where PostgreSQL is not installed. */
export async function startPostgres() {
  const programs = findPrograms();
  if (programs === undefined) {
    console.warn('PostgreSQL is not installed: DBOS is left out.');
    return undefined;
  }
  const user = await ordinaryUser();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-postgres-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  const options = ['-A', 'trust', '-U', 'postgres', '--encoding=UTF8', '--locale=C.UTF-8'];
  await runToEnd(path.join(programs, 'initdb'), ['-D', data, ...options], { ...user, cwd: folder });
  const port = await freePort();
  appendFileSync(
    path.join(data, 'postgresql.conf'),
    `port=${port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='${folder}'\nmax_connections=200\n`,
  );
  const server = run(path.join(programs, 'postgres'), ['-D', data], { ...user, cwd: folder });
  await untilListening(port, server);
  const url = `postgresql://postgres@127.0.0.1:${port}`;
  return {
    /** @returns the address of a new, empty database. */
    async create(name) {
      const psql = ['-q', '-d', `${url}/postgres`];
      await runToEnd(path.join(programs, 'psql'), [
        ...psql,
        '-c',
        `drop database if exists ${name} with (force)`,
        '-c',
        `create database ${name}`,
      ]);
      return `${url}/${name}`;
    },
    async stop() {
      // A fast shutdown: it does not wait for clients.
      await server.stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps them beside the path, one folder for each version. */
function findPrograms() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  const folders = [
    ...versions.map((version) => path.join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(path.delimiter),
  ];
  return folders.find((folder) => existsSync(path.join(folder, 'initdb')));
}

/** PostgreSQL refuses to run as root: then it is run as the user that its package makes. */
async function ordinaryUser() {
  if (process.getuid?.() !== 0) return {};
  const id = async (option) => Number(await runToEnd('id', [option, 'postgres']));
  return { uid: await id('-u'), gid: await id('-g') };
}
