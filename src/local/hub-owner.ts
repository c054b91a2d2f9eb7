/**
 * Which host works on a hub: one at a time. Its name stands in the hub, written in a transaction, so that of two that start
 * together one is refused. It says how others can see that the process is gone, for one that was killed takes its name with it
 * nowhere.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isProcessGone, machineBoot, processPlace, processStart } from '../base/process-place.ts';
import { DurableError } from '../core/errors.ts';
import type { HubDatabase } from './hub-database.ts';
import type { HubTables } from './hub-tables.ts';
import { answersDoorbell, removeDoorbell } from './doorbell.ts';

export interface HubOwner {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Where its number means something, and when it began there: see process-place.ts. */
  readonly place: string;
  readonly started: string | undefined;
  /** The run of its machine. */
  readonly boot: string;
  /** Name of the socket in the folder on which it listens; null: it has none. */
  readonly doorbell: string | null;
}

/** A host touches a file so often, for those who can see neither its process nor its socket. */
const BEAT_INTERVAL_MS = 10_000;
const DEAD_AFTER_MS = 3 * BEAT_INTERVAL_MS;
const BEAT_FILE = 'host.beat';

/** Ids of owners in this process, for which its own number says nothing. */
const livingHere = new Set<string>();

export function newOwner(now: Date, hasDoorbell: boolean, id = newOwnerId()): HubOwner {
  return {
    id,
    pid: process.pid,
    host: hostname(),
    since: now.toISOString(),
    place: processPlace(),
    started: processStart(process.pid),
    boot: machineBoot(),
    doorbell: hasDoorbell ? doorbellOf(id) : null,
  };
}

export function newOwnerId(): string {
  return randomBytes(4).toString('hex');
}

export function doorbellOf(ownerId: string): string {
  return `host-${ownerId}.sock`;
}

/** The one that is written down, dead or alive. */
export function writtenOwner({ meta }: Pick<HubTables, 'meta'>): HubOwner | undefined {
  const text = meta.get('owner');
  return text === undefined ? undefined : (JSON.parse(text) as HubOwner);
}

/** Who works on the hub; undefined when nobody does. */
export async function livingOwner(
  database: HubDatabase,
  folder: string,
): Promise<HubOwner | undefined> {
  const owner = database.read(writtenOwner);
  return owner !== undefined && (await isAlive(owner, folder)) ? owner : undefined;
}

/** @throws {DurableError} `CONFIG`, naming the host that works on the hub. */
export async function claimHub(
  database: HubDatabase,
  folder: string,
  owner: HubOwner,
): Promise<void> {
  for (;;) {
    const before = database.read(writtenOwner);
    if (before !== undefined && (await isAlive(before, folder))) throw inUse(before, folder);
    const isWon = await database.write((tables) => {
      const isFree = writtenOwner(tables)?.id === before?.id;
      return () => {
        if (isFree) tables.meta.putSync('owner', JSON.stringify(owner));
        return isFree;
      };
    });
    if (!isWon) continue;
    livingHere.add(owner.id);
    if (before?.doorbell) await removeDoorbell(folder, before.doorbell);
    return;
  }
}

/**
 * The hub is free again, unless it is somebody else's by now, or not there.
 * @throws {BackendUnavailableError} the name stays, but is taken for that of nobody.
 */
export async function releaseHub(database: HubDatabase, owner: HubOwner): Promise<void> {
  livingHere.delete(owner.id);
  if (!database.exists()) return;
  await database.write((tables) => {
    const isOwn = writtenOwner(tables)?.id === owner.id;
    return () => {
      if (isOwn) tables.meta.removeSync('owner');
    };
  });
}

/** Shows that the host lives, until the answer is called. */
export async function beginBeat(folder: string): Promise<() => void> {
  const file = path.join(folder, BEAT_FILE);
  await writeFile(file, '');
  const beat = async (): Promise<void> => {
    try {
      const now = new Date();
      await utimes(file, now, now);
    } catch {
      // The folder is gone, or the disk: whatever is written next says so.
    }
  };
  const timer = setInterval(() => void beat(), BEAT_INTERVAL_MS).unref();
  return () => {
    clearInterval(timer);
  };
}

async function isAlive(owner: HubOwner, folder: string): Promise<boolean> {
  if (owner.place === processPlace()) {
    if (owner.pid === process.pid) return livingHere.has(owner.id);
    return !isProcessGone(owner.pid) && processStart(owner.pid) === owner.started;
  }
  // Another container of this machine: its socket is reached by the folder.
  if (owner.boot === machineBoot() && owner.doorbell !== null) {
    return await answersDoorbell(folder, owner.doorbell);
  }
  return await hasBeat(folder);
}

async function hasBeat(folder: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path.join(folder, BEAT_FILE));
    return Date.now() - mtimeMs < DEAD_AFTER_MS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function inUse({ pid, host, since }: HubOwner, folder: string): DurableError {
  return new DurableError(
    'CONFIG',
    `Another host works on the task hub in ${folder}: process ${pid} on ${host}, since ${since}. A folder is for one host: stop that one, or name another hub (hubName) or folder (storageProvider.path).`,
  );
}
