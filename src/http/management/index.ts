/** The management API, operation by operation. A known path with another method answers like an unknown path: 404. */
import { getEntity } from './get-entity.ts';
import { getStatus } from './get-status.ts';
import { listEntities } from './list-entities.ts';
import { list } from './list.ts';
import type { Operation } from './operation.ts';
import { purge, purgeByFilter } from './purge.ts';
import { raiseEvent } from './raise-event.ts';
import { restart, restartWithOptions, unknownSource } from './restart.ts';
import { rewind } from './rewind.ts';
import { deleteEntity, signalEntity } from './signal-entity.ts';
import type { LinkOperation } from './signing-placeholder.ts';
import { start } from './start.ts';
import { makePrimary, resume, suspend, terminate } from './steering.ts';

export interface MountedOperation {
  readonly methods: readonly string[];
  /** In Hono's spelling, relative to the base path. */
  readonly path: string;
  readonly run: Operation;
  /** Under this name a signed link opens it; absent where only a key does. */
  readonly link?: LinkOperation;
  /** The answer where the host does not serve the hub. @default 404 */
  readonly inUnknownHub?: (instanceId: string) => Response;
}

const GET = ['GET'];
const POST = ['POST'];
const DELETE = ['DELETE'];
const ANY = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export const OPERATIONS: readonly MountedOperation[] = [
  { methods: POST, path: '/orchestrators/:functionName', run: start },
  { methods: POST, path: '/orchestrators/:functionName/:instanceId', run: start },
  { methods: GET, path: '/instances', run: list },
  { methods: DELETE, path: '/instances', run: purgeByFilter },
  { methods: GET, path: '/instances/:instanceId', run: getStatus, link: 'getStatus' },
  { methods: DELETE, path: '/instances/:instanceId', run: purge, link: 'purge' },
  {
    methods: POST,
    path: '/instances/:instanceId/raiseEvent/:eventName',
    run: raiseEvent,
    link: 'raiseEvent',
  },
  { methods: POST, path: '/instances/:instanceId/terminate', run: terminate, link: 'terminate' },
  { methods: POST, path: '/instances/:instanceId/suspend', run: suspend, link: 'suspend' },
  { methods: POST, path: '/instances/:instanceId/resume', run: resume, link: 'resume' },
  {
    methods: POST,
    path: '/instances/:instanceId/restart',
    run: restart,
    link: 'restart',
    inUnknownHub: unknownSource,
  },
  {
    methods: POST,
    path: '/instances/:instanceId/restartWithOptions',
    run: restartWithOptions,
    inUnknownHub: unknownSource,
  },
  { methods: POST, path: '/instances/:instanceId/rewind', run: rewind, link: 'rewind' },
  { methods: GET, path: '/entities', run: listEntities },
  { methods: GET, path: '/entities/:entityName', run: listEntities },
  { methods: POST, path: '/entities/:entityName', run: signalEntity },
  { methods: DELETE, path: '/entities/:entityName', run: deleteEntity },
  { methods: GET, path: '/entities/:entityName/:entityKey', run: getEntity },
  { methods: POST, path: '/entities/:entityName/:entityKey', run: signalEntity },
  { methods: DELETE, path: '/entities/:entityName/:entityKey', run: deleteEntity },
  { methods: ANY, path: '/makeprimary', run: makePrimary },
];
