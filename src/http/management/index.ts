/** The management API, operation by operation. A known path with another method answers like an unknown path: 404. */
import { calls } from './calls.ts';
import { deleteHub } from './delete-hub.ts';
import { entityStatus } from './entity-status.ts';
import { getEntity } from './get-entity.ts';
import { getStatus } from './get-status.ts';
import { instanceLogs } from './instance-logs.ts';
import { listEntities } from './list-entities.ts';
import { children } from './list-children.ts';
import { list } from './list.ts';
import { parents } from './list-parents.ts';
import { locks } from './locks.ts';
import type { Operation } from './operation.ts';
import { dropPoison, getPoison, listPoison, replayPoison } from './poison.ts';
import { rewindPlan } from './preview-rewind.ts';
import { purge, purgeByFilter } from './purge.ts';
import { raiseEvent } from './raise-event.ts';
import { readHistory } from './read-history.ts';
import { replay } from './replay.ts';
import { readOpenApi } from './read-openapi.ts';
import { restart, restartWithOptions, unknownSource } from './restart.ts';
import { rewind } from './rewind.ts';
import { deleteEntity, signalEntity } from './signal-entity.ts';
import { running } from './running.ts';
import type { LinkOperation } from './signing-placeholder.ts';
import { start } from './start.ts';
import { search } from './search.ts';
import { failures, stats } from './stats.ts';
import { makePrimary, resume, suspend, terminate } from './steering.ts';
import { storage, storageContents, storageMessages } from './storage.ts';
import { timers } from './timers.ts';
import { watchChanges } from './watch-changes.ts';

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
  { methods: GET, path: '/instances/:instanceId/history', run: readHistory },
  { methods: GET, path: '/instances/:instanceId/children', run: children },
  { methods: GET, path: '/instances/:instanceId/parents', run: parents },
  { methods: GET, path: '/instances/:instanceId/replay', run: replay },
  { methods: GET, path: '/instances/:instanceId/logs', run: instanceLogs },
  { methods: GET, path: '/instances/:instanceId/rewindPlan', run: rewindPlan },
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
  { methods: GET, path: '/search', run: search },
  { methods: GET, path: '/stats', run: stats },
  { methods: GET, path: '/failures', run: failures },
  { methods: GET, path: '/storage', run: storage },
  { methods: GET, path: '/running', run: running },
  { methods: GET, path: '/events', run: watchChanges },
  { methods: GET, path: '/storage/contents', run: storageContents },
  { methods: GET, path: '/storage/queues/:queueName/messages', run: storageMessages },
  { methods: GET, path: '/timers', run: timers },
  { methods: GET, path: '/locks', run: locks },
  { methods: GET, path: '/calls', run: calls },
  { methods: GET, path: '/entities', run: listEntities },
  { methods: GET, path: '/entities/:entityName', run: listEntities },
  { methods: POST, path: '/entities/:entityName', run: signalEntity },
  { methods: DELETE, path: '/entities/:entityName', run: deleteEntity },
  { methods: GET, path: '/entities/:entityName/:entityKey', run: getEntity },
  { methods: POST, path: '/entities/:entityName/:entityKey', run: signalEntity },
  { methods: DELETE, path: '/entities/:entityName/:entityKey', run: deleteEntity },
  { methods: GET, path: '/entities/:entityName/:entityKey/status', run: entityStatus },
  { methods: GET, path: '/poison', run: listPoison },
  { methods: GET, path: '/poison/:poisonId', run: getPoison },
  { methods: DELETE, path: '/poison/:poisonId', run: dropPoison },
  { methods: POST, path: '/poison/:poisonId/replay', run: replayPoison },
  { methods: GET, path: '/openapi.json', run: readOpenApi },
  { methods: DELETE, path: '/hub', run: deleteHub },
  { methods: ANY, path: '/makeprimary', run: makePrimary },
];
