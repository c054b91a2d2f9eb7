/**
 * Tells the host of a hub that another process put something into it: a socket in the hub's folder, on Windows a pipe. A hint only,
 * which may get lost; the host looks for itself, too.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';

/** Longer paths do not fit into the address of a socket: 108 bytes on Linux, 104 on macOS, with the final zero. */
const MAX_SOCKET_PATH_BYTES = 103;
/** A socket of this machine answers at once, or never. */
const ANSWER_PATIENCE_MS = 1_000;

export interface Doorbell {
  close(): Promise<void>;
}

/**
 * Listens until it is closed; keeps no process alive.
 * @returns undefined where no socket can be: then nobody can ring.
 */
export async function openDoorbell(
  folder: string,
  name: string,
  ring: () => void,
): Promise<Doorbell | undefined> {
  const address = addressOf(folder, name);
  if (address === undefined) return undefined;
  const server = createServer((caller) => {
    caller.on('error', () => caller.destroy()).destroy();
    ring();
  });
  try {
    await listen(server, address);
  } catch {
    // File systems without sockets: shared folders of virtual machines, say.
    return undefined;
  }
  server.unref();
  return {
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await removeDoorbell(folder, name);
    },
  };
}

/** Rings, if somebody listens. Never throws, and waits for nothing. */
export function ringDoorbell(folder: string, name: string): void {
  const address = addressOf(folder, name);
  if (address === undefined) return;
  const caller = connect(address);
  // Nobody listens any more: the next host looks for itself.
  caller.on('error', () => caller.destroy());
  caller.on('connect', () => caller.destroy());
  caller.unref();
}

/** Whether somebody listens. */
export async function answersDoorbell(folder: string, name: string): Promise<boolean> {
  const address = addressOf(folder, name);
  if (address === undefined) return false;
  const caller = connect(address);
  caller.setTimeout(ANSWER_PATIENCE_MS);
  return await new Promise<boolean>((resolve) => {
    const done = (answers: boolean) => () => {
      caller.destroy();
      resolve(answers);
    };
    caller.on('connect', done(true)).on('error', done(false)).on('timeout', done(false));
  });
}

/** What a process that was killed left behind. */
export async function removeDoorbell(folder: string, name: string): Promise<void> {
  if (process.platform !== 'win32') await rm(path.join(folder, name), { force: true });
}

function addressOf(folder: string, name: string): string | undefined {
  if (process.platform === 'win32') {
    const id = createHash('sha256').update(path.resolve(folder).toLowerCase()).digest('hex');
    return `\\\\.\\pipe\\durable-${id.slice(0, 16)}-${name}`;
  }
  const whole = path.join(folder, name);
  return [whole, path.relative(process.cwd(), whole)].find(
    (address) => Buffer.byteLength(address) <= MAX_SOCKET_PATH_BYTES,
  );
}

async function listen(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
