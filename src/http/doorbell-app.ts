/**
 * The door at which other workers of the hub tell this one that messages wait for it: `POST <path>/3` for those of partition 3,
 * `POST <path>/activities` for activities, `POST <path>/partitions` when it is to look who has what. Nobody else can make use of it, and whoever is wrong here is told nothing.
 */
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
}

/** Answers 204; 401 without the key, 404 for a queue that somebody else reads. */
export function createDoorbellApp(options: DoorbellAppOptions): FetchHandler {
  return {
    fetch(request) {
      if (request.method !== 'POST') return emptyResponse(405);
      const key = request.headers.get(options.keyHeader) ?? '';
      if (!isSameSecret(key, options.key)) return emptyResponse(401);
      const { pathname } = new URL(request.url);
      const waiting = readWaiting(pathname.slice(options.path.length + 1));
      return emptyResponse(waiting !== undefined && options.ring(waiting) ? 204 : 404);
    },
  };
}

function readWaiting(segment: string): number | 'activities' | 'partitions' | undefined {
  if (segment === 'activities' || segment === 'partitions') return segment;
  return /^\d{1,2}$/.test(segment) ? Number(segment) : undefined;
}
