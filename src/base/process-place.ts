/**
 * Whether another process is still there, as far as this one can tell: numbers of processes mean something only in the same place,
 * which is a running machine and a process namespace on it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

let ownPlace: string | undefined;
let ownBoot: string | undefined;

/**
 * Where process numbers mean the same as here, in 8 hex digits. Containers may have the host name of another one, and count their
 * processes from 1; after a restart of the machine all numbers are new.
 */
export function processPlace(): string {
  ownPlace ??= createHash('sha256')
    .update([hostname(), machineBoot(), processNamespace()].join('\n'))
    .digest('hex')
    .slice(0, 8);
  return ownPlace;
}

/** This run of this machine: all its containers have the same. */
export function machineBoot(): string {
  ownBoot ??= onLinux(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  return ownBoot;
}

/** Whether a process of this place is known not to run any more. @param pid as it calls itself. */
export function isProcessGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** When a process of this place began, in the units of its system: numbers of processes are given again. undefined: not known. */
export function processStart(pid: number): string | undefined {
  // Field 22 of the line; the second one is the name, which may hold anything.
  return statusOf(pid)?.split(' ')[19];
}

/** One that has ended, and that nobody has asked for its exit code, still has its number: in containers often for ever. */
function isZombie(pid: number): boolean {
  return statusOf(pid)?.startsWith('Z') ?? false;
}

/** What follows the name in /proc/<pid>/stat. */
function statusOf(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return status.slice(status.lastIndexOf(')') + 2);
  } catch {
    // Other systems have no such file.
    return undefined;
  }
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
