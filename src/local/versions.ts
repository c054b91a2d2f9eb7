/** Versions of rows and histories: texts that no row and no history ever had, in any process. */
import { randomBytes } from 'node:crypto';

const PROCESS = randomBytes(9).toString('base64url');
let count = 0;

export function nextVersion(): string {
  count += 1;
  return `${PROCESS}.${count}`;
}
