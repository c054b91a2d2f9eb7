/**
 * The door at which other workers of the hub tell this one that messages wait for it: `POST <path>/3` for those of partition 3,
 * `POST <path>/activities` for activities, `POST <path>/partitions` when it is to look who has what. `GET <path>/running` asks what it
 * executes. Nobody else can make use of it, and whoever is wrong here is told nothing.
 */
import { MOST_RUNNING } from '../core/running-now.ts';
import { isSameSecret } from './keys/key-value.ts';
import { emptyResponse, type FetchHandler } from './responses.ts';

export interface DoorbellAppOptions {
  /** Without trailing slash. */
  readonly path: string;
  /** A secret that the storage of the hub tells. */
  readonly key: string;
  readonly keyHeader: string;
  /** Has the queue looked at; false when this process does not read it. */
  readonly ring: (waiting: number | 'activities' | 'partitions') => boolean;
  /** What this process executes; undefined where it executes nothing for the hub. @param count of the functions that have run longest. */
  readonly running: (count: number) => object | undefined;
}

const RUNNING = 'running';

/** Answers 204, or 200 with what was asked; 401 without the key, 404 for a queue that somebody else reads. */
export function createDoorbellApp(options: DoorbellAppOptions): FetchHandler {
  return {
    fetch(request) {
      const { method } = request;
      if (method !== 'POST' && method !== 'GET') return emptyResponse(405);
      const key = request.headers.get(options.keyHeader) ?? '';
      if (!isSameSecret(key, options.key)) return emptyResponse(401);
      const { pathname, searchParams } = new URL(request.url);
      const segment = pathname.slice(options.path.length + 1);
      if (method === 'GET') return runningResponse(options, segment, searchParams);
      const waiting = readWaiting(segment);
      return emptyResponse(waiting !== undefined && options.ring(waiting) ? 204 : 404);
    },
  };
}

function runningResponse(
  { running }: DoorbellAppOptions,
  segment: string,
  query: URLSearchParams,
): Response {
  const count = Number(query.get('top') ?? MOST_RUNNING);
  const isCount = Number.isInteger(count) && count >= 0 && count <= MOST_RUNNING;
  const found = segment === RUNNING && isCount ? running(count) : undefined;
  return found === undefined ? emptyResponse(404) : Response.json(found);
}

function readWaiting(segment: string): number | 'activities' | 'partitions' | undefined {
  if (segment === 'activities' || segment === 'partitions') return segment;
  return /^\d{1,2}$/.test(segment) ? Number(segment) : undefined;
}
