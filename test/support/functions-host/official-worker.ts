/**
 * The official Node worker of Azure Functions, a build of its repository: the process in which Azure runs a Node app. Not part of
 * this repository; OFFICIAL_FUNCTIONS_WORKER names its folder.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from '../func-process.ts';

const FOLDER =
  process.env['OFFICIAL_FUNCTIONS_WORKER'] ?? path.join(REPOSITORY, '../shared/official-worker');

/** Which Node runs it: OFFICIAL_FUNCTIONS_WORKER_NODE, or the one that runs the tests. */
export const WORKER_NODE = process.env['OFFICIAL_FUNCTIONS_WORKER_NODE'] ?? process.execPath;
export const WORKER_PROGRAM = path.join(FOLDER, 'dist/src/nodejsWorker.js');
export const PROTO_FOLDER = path.join(FOLDER, 'proto');

/** Why nothing can be tested in the official worker here; undefined when it can. */
export function whyNoOfficialWorker(): string | undefined {
  if (existsSync(WORKER_PROGRAM)) return undefined;
  return `there is no official Node worker in ${FOLDER} (set OFFICIAL_FUNCTIONS_WORKER)`;
}
