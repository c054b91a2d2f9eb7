/**
 * The APIs whose answers differ at each replay, what an orchestrator uses instead of them, and where they live. `Date` as a
 * constructor is not in the table: see api-watch.ts.
 */
import { createRequire } from 'node:module';

export interface WatchedApi {
  /** As it is written in code: `Date.now()`. */
  readonly name: string;
  /** What to use instead. */
  readonly instead: string;
}

export interface WatchedMember {
  readonly holder: object;
  readonly key: string;
  readonly api: WatchedApi;
}

const CLOCK = 'context.df.currentUtcDateTime';
const GUID = 'context.df.newGuid(context.df.instanceId)';
const RANDOM = `an activity that returns the random value, or ${GUID}`;
const TIMER = 'yield context.df.createTimer(fireAt)';

export const NEW_DATE: WatchedApi = { name: 'new Date()', instead: CLOCK };
export const DATE_TEXT: WatchedApi = { name: 'Date()', instead: CLOCK };

/** What this process has of them. */
export function watchedMembers(): readonly WatchedMember[] {
  const require = createRequire(import.meta.url);
  const members: WatchedMember[] = [];
  const add = (holder: object, owner: string, instead: string, keys: readonly string[]): void => {
    for (const key of keys) {
      if (typeof Reflect.get(holder, key) !== 'function') continue;
      members.push({ holder, key, api: { name: `${owner}${key}()`, instead } });
    }
  };
  const timers = ['setTimeout', 'setInterval', 'setImmediate'];
  const randoms = ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'getRandomValues'];
  const nodeCrypto = require('node:crypto') as object;
  // The methods of globalThis.crypto are those of its class, and want it as `this`.
  const webCrypto = Object.getPrototypeOf(globalThis.crypto) as object;
  add(Date, 'Date.', CLOCK, ['now']);
  add(Object.getPrototypeOf(performance) as object, 'performance.', CLOCK, ['now']);
  // First what hangs on it: the stand-in of hrtime takes that over.
  add(process.hrtime, 'process.hrtime.', CLOCK, ['bigint']);
  add(process, 'process.', CLOCK, ['hrtime']);
  add(Math, 'Math.', RANDOM, ['random']);
  add(nodeCrypto, 'crypto.', GUID, ['randomUUID']);
  add(nodeCrypto, 'crypto.', RANDOM, randoms);
  add(webCrypto, 'crypto.', GUID, ['randomUUID']);
  add(webCrypto, 'crypto.', RANDOM, ['getRandomValues']);
  add(globalThis, '', TIMER, timers);
  add(require('node:timers') as object, '', TIMER, timers);
  add(require('node:timers/promises') as object, '', TIMER, timers);
  return members;
}
