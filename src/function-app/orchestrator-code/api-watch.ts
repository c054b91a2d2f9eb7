/**
 * Notices calls of the watched APIs while an orchestrator runs. A run is synchronous inside the SDK, so that "while" is a
 * plain flag that is set around the call and nothing else of the process can come between.
 *
 * W1 Functions (`Date.now`, `crypto.randomUUID`, …) are replaced once, before the app is loaded: apps take them out of their
 *    modules when they load. Outside of runs a replaced function costs one comparison.
 * W2 `Date` itself is replaced by a proxy only during a run, and comes back after it: a permanent proxy would cost everybody
 *    who makes a date, and would be another object than the `Date` that code loaded earlier compares with.
 * W3 Whoever kept a replaced function or the proxy goes on with the real thing: both only pass on what they get.
 * W4 What somebody else (fake timers, a tracer) has put in place of ours is left alone.
 *
 * The replaced functions are the process's, so they hang on `globalThis`, as the stand-in of functions-core does.
 */
import { syncBuiltinESMExports } from 'node:module';
import {
  DATE_TEXT,
  NEW_DATE,
  type WatchedApi,
  watchedMembers,
  type WatchedMember,
} from './watched-apis.ts';

/** Told of a call before it is made; what it throws, the caller gets. `above` is the frame below which the caller is. */
export type ApiListener = (api: WatchedApi, above: AnyFunction) => void;

export type AnyFunction = (...args: never[]) => unknown;

interface Slot {
  /** Set while an orchestrator runs. */
  listener: ApiListener | undefined;
  users: number;
  restore: () => void;
}

const SLOT = Symbol.for('durable-functions-extension.api-watch');

/** Makes the watched functions notice. @returns undoes it; the last one puts the originals back. */
export function installApiWatch(): () => void {
  const slot = watchSlot();
  if (slot.users++ === 0) slot.restore = replaceMembers(slot);
  let isInstalled = true;
  return () => {
    if (!isInstalled) return;
    isInstalled = false;
    if (--slot.users === 0) slot.restore();
  };
}

/** Runs `work`, which is synchronous, and tells the listener of every watched call in it. */
export function watchApis<Result>(listener: ApiListener, work: () => Result): Result {
  const slot = watchSlot();
  const outer = slot.listener;
  const restoreDate = replaceDate(slot);
  slot.listener = listener;
  try {
    return work();
  } finally {
    slot.listener = outer;
    restoreDate();
  }
}

/** Runs what is no orchestrator code though an orchestrator has called it: logging. */
export function unwatched<Result>(work: () => Result): Result {
  const slot = watchSlot();
  const { listener } = slot;
  if (listener === undefined) return work();
  slot.listener = undefined;
  try {
    return work();
  } finally {
    slot.listener = listener;
  }
}

function watchSlot(): Slot {
  const existing = Reflect.get(globalThis, SLOT) as Slot | undefined;
  if (existing !== undefined) return existing;
  const slot: Slot = { listener: undefined, users: 0, restore: () => undefined };
  Reflect.set(globalThis, SLOT, slot);
  return slot;
}

/** The listener's own calls are not watched: describing a place may run code of the app (`Error.prepareStackTrace`). */
function notify(slot: Slot, api: WatchedApi, above: AnyFunction): void {
  const { listener } = slot;
  if (listener === undefined) return;
  slot.listener = undefined;
  try {
    listener(api, above);
  } finally {
    slot.listener = listener;
  }
}

function replaceMembers(slot: Slot): () => void {
  const restores = watchedMembers().map((member) => replaceMember(slot, member));
  // Named imports of built-in modules are copies of their members.
  syncBuiltinESMExports();
  return () => {
    for (const restore of restores) restore();
    syncBuiltinESMExports();
  };
}

function replaceMember(slot: Slot, { holder, key, api }: WatchedMember): () => void {
  const original = Reflect.get(holder, key) as (...args: unknown[]) => unknown;
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    if (slot.listener !== undefined) notify(slot, api, watched);
    return Reflect.apply(original, this, args);
  };
  // Name, length, and what others hang on it: `util.promisify` finds its way for timers there.
  const { prototype: _, ...descriptors } = Object.getOwnPropertyDescriptors(original);
  Object.defineProperties(watched, descriptors);
  const before = Object.getOwnPropertyDescriptor(holder, key);
  // A frozen intrinsic stays as it is.
  if (before === undefined || !Reflect.set(holder, key, watched)) return () => undefined;
  return () => {
    if (Reflect.get(holder, key) === watched) Object.defineProperty(holder, key, before);
  };
}

function replaceDate(slot: Slot): () => void {
  const original = globalThis.Date;
  const construct = (target: DateConstructor, args: unknown[], newTarget: AnyFunction): object => {
    if (args.length === 0) notify(slot, NEW_DATE, construct);
    return Reflect.construct(target, args, newTarget === proxy ? target : newTarget) as object;
  };
  const apply = (target: DateConstructor): string => {
    notify(slot, DATE_TEXT, apply);
    return target();
  };
  const proxy: DateConstructor = new Proxy(original, { construct, apply });
  const { prototype } = original;
  if (!Reflect.set(globalThis, 'Date', proxy)) return () => undefined;
  // `date.constructor === Date` must hold for the orchestrator, too.
  const swapsConstructor =
    prototype.constructor === original && Reflect.set(prototype, 'constructor', proxy);
  return () => {
    if (swapsConstructor && prototype.constructor === proxy) {
      Reflect.set(prototype, 'constructor', original);
    }
    if (globalThis.Date === proxy) Reflect.set(globalThis, 'Date', original);
  };
}
