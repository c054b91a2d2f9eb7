/**
 * The name that a worker writes down where it owns a partition. Owners are told apart by it alone, so no two workers may have the
 * same, and .NET workers call themselves like the machine. Ours says where the process is to be found, so that the next one on the
 * same machine sees at once that it is gone, and does not wait until what it owned runs out.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** `web-7:4711:1f9d02ab:c03e55`: machine, process, where process numbers are those of here, and a number of its own. */
const NAME = /:(?<pid>\d+):(?<place>[0-9a-f]{8}):[0-9a-f]{6}$/;

let ownPlace: string | undefined;

export function newWorkerName(): string {
  return `${hostname()}:${process.pid}:${place()}:${randomBytes(3).toString('hex')}`;
}

/** Whether the name is one of ours: such workers write times down by the clock of storage. */
export function isOurWorker(name: string): boolean {
  return NAME.test(name);
}

/** Whether a worker of this name can be known not to run any more. False for those on other machines, and for .NET's. */
export function isKnownDead(name: string): boolean {
  const { pid, place: itsPlace } = NAME.exec(name)?.groups ?? {};
  if (pid === undefined || itsPlace !== place() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** One that has ended, and that nobody has asked for its exit code, still has its number: in containers often for ever. */
function isZombie(pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it may hold anything.
    return status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

/**
 * Where process numbers mean the same as here. Containers may have the host name of another one, and count their processes from 1;
 * after a restart of the machine all numbers are new.
 */
function place(): string {
  ownPlace ??= createHash('sha256')
    .update([hostname(), bootId(), processNamespace()].join('\n'))
    .digest('hex')
    .slice(0, 8);
  return ownPlace;
}

function bootId(): string {
  return onLinux(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}

function processNamespace(): string {
  return onLinux(() => readlinkSync('/proc/self/ns/pid'));
}

/** Other systems have no such files, and no containers that share a host name. */
function onLinux(read: () => string): string {
  if (process.platform !== 'linux') return process.platform;
  try {
    return read();
  } catch {
    // Then nobody but this process is ever known to be at this place.
    return randomBytes(16).toString('hex');
  }
}
