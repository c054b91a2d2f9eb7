/**
 * Where in the user's code a call comes from, read from the stack as text: that is what source maps, when the app turns them
 * on, have already been applied to. Used for the few calls that are reported, never on the way of ordinary ones.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyFunction } from './api-watch.ts';

export interface CallPlace {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  /** The package that made the call on behalf of that place; undefined when the place itself did. */
  readonly through: string | undefined;
}

interface Package {
  /** As the package calls itself: it may be installed under another name. */
  readonly name: string;
  readonly version: string;
}

type Owner =
  | { readonly kind: 'node' | 'ours' | 'user' }
  | { readonly kind: 'sdk' | 'library'; readonly owner: Package };

interface Frame {
  /** Empty for code without a file, such as the `next` of a generator. */
  readonly file: string;
  readonly line: number;
  /** Whether a generator is being resumed here. */
  readonly isResume: boolean;
}

/** Libraries may recurse deeply before they ask for the time. */
const FRAMES = 100;
const DURABLE_SDK = 'durable-functions';
const SDKS: ReadonlySet<string> = new Set([DURABLE_SDK, '@azure/functions']);
const OUR_CODE = path.dirname(import.meta.dirname) + path.sep;

const PLACE = /^\(?(.+):(\d+):\d+\)?$/;
const RESUME = /(?:^|\.)(?:next|throw|return) \((?:<anonymous>|native)\)$/;

export class CallPlaces {
  /** By their folders. */
  readonly #packages = new Map<string, Package>();

  /**
   * The place that is to answer for a call made below `above`: the first frame of the app, or of a library when the
   * orchestrator itself is a library's. undefined for calls that no orchestrator makes: those of the SDKs, and ours.
   */
  find(above: AnyFunction): CallPlace | undefined {
    let through: string | undefined;
    let library: Frame | undefined;
    let isResumed = false;
    const frames = framesBelow(above);
    for (const [index, frame] of frames.entries()) {
      const owner = this.#ownerOf(frame);
      switch (owner.kind) {
        case 'node':
          isResumed = frame.isResume;
          continue;
        case 'ours':
          return undefined;
        case 'library':
          through ??= owner.owner.name;
          library = frame;
          break;
        case 'sdk':
          // The SDK resumes the orchestrator, or asks a library something on its own account.
          return library && isResumed ? { ...library, through: undefined } : undefined;
        case 'user':
          return this.#isInOrchestrator(frames.slice(index + 1))
            ? { ...frame, through }
            : undefined;
      }
      isResumed = false;
    }
    return undefined;
  }

  /** Whether the caller of `above` is SDK 1.x itself. */
  isCalledBySdk1(above: AnyFunction): boolean {
    return this.#isOfSdk1(framesBelow(above));
  }

  /** Whether an error with this stack was thrown by the code of SDK 1.x itself. */
  isThrownBySdk1(stack: string): boolean {
    return this.#isOfSdk1(parseFrames(stack));
  }

  #isOfSdk1(frames: readonly Frame[]): boolean {
    const caller = frames.map((frame) => this.#ownerOf(frame)).find(({ kind }) => kind !== 'node');
    if (caller?.kind !== 'sdk') return false;
    return caller.owner.name === DURABLE_SDK && caller.owner.version.startsWith('1.');
  }

  /** Code around the SDK's handler is no orchestrator. In a bundle the SDK has no files: there the generator tells. */
  #isInOrchestrator(outer: readonly Frame[]): boolean {
    return outer.some((frame) => {
      const owner = this.#ownerOf(frame);
      return frame.isResume || (owner.kind === 'sdk' && owner.owner.name === DURABLE_SDK);
    });
  }

  #ownerOf({ file }: Frame): Owner {
    if (file === '' || file.startsWith('node:')) return { kind: 'node' };
    if (file.startsWith(OUR_CODE)) return { kind: 'ours' };
    const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
    if (folder === undefined) return { kind: 'user' };
    const owner = this.#packageIn(folder);
    return { kind: SDKS.has(owner.name) ? 'sdk' : 'library', owner };
  }

  #packageIn(folder: string): Package {
    const known = this.#packages.get(folder);
    if (known !== undefined) return known;
    const read = readPackage(folder);
    this.#packages.set(folder, read);
    return read;
  }
}

/** A folder without a readable package.json goes by its own name. */
function readPackage(folder: string): Package {
  const { name, version } = packageJson(folder);
  return {
    name: typeof name === 'string' ? name : path.basename(folder),
    version: typeof version === 'string' ? version : '',
  };
}

function packageJson(folder: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    const json: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}

function framesBelow(above: AnyFunction): readonly Frame[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  try {
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, above);
    return parseFrames(holder.stack);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Nothing is known of a stack that `Error.prepareStackTrace` of the app made into something else than text. */
function parseFrames(stack: unknown): readonly Frame[] {
  if (typeof stack !== 'string') return [];
  return stack.split('\n').flatMap((text) => {
    const line = text.trim();
    if (!line.startsWith('at ')) return [];
    const call = line.slice('at '.length);
    const place = PLACE.exec(call.slice(call.indexOf(' (') + 1));
    if (place === null) return [{ file: '', line: 0, isResume: RESUME.test(call) }];
    const [, file = '', lineNumber = '0'] = place;
    return [{ file: filePath(file), line: Number(lineNumber), isResume: false }];
  });
}

/** Modules are called by their URL, perhaps with a query that makes them fresh. */
function filePath(file: string): string {
  const plain = file.replace(/^async /, '');
  return plain.startsWith('file:') ? fileURLToPath(plain.replace(/[?#].*$/, '')) : plain;
}
