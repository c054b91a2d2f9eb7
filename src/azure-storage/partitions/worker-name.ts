/**
 * The name that a worker writes down where it owns a partition. Owners are told apart by it alone, so no two workers may have the
 * same, and .NET workers call themselves like the machine. Ours says where the process is to be found, so that the next one on the
 * same machine sees at once that it is gone, and does not wait until what it owned runs out.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isProcessGone, processPlace } from '../../base/process-place.ts';

/** `web-7:4711:1f9d02ab:c03e55`: machine, process, where process numbers are those of here, and a number of its own. */
const NAME = /:(?<pid>\d+):(?<place>[0-9a-f]{8}):[0-9a-f]{6}$/;

export function newWorkerName(): string {
  return `${hostname()}:${process.pid}:${processPlace()}:${randomBytes(3).toString('hex')}`;
}

/** Whether the name is one of ours: such workers write times down by the clock of storage. */
export function isOurWorker(name: string): boolean {
  return NAME.test(name);
}

/** Whether a worker of this name runs, or ran, where its process number and its loopback addresses mean the same as here. */
export function isOnThisMachine(name: string): boolean {
  return NAME.exec(name)?.groups?.['place'] === processPlace();
}

/** Whether a worker of this name can be known not to run any more. False for those on other machines, and for .NET's. */
export function isKnownDead(name: string): boolean {
  const { pid, place } = NAME.exec(name)?.groups ?? {};
  if (pid === undefined || place !== processPlace() || Number(pid) === process.pid) return false;
  return isProcessGone(Number(pid));
}
