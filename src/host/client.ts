/** The client of a task hub as this configuration has it: for the host, and for commands that use the hub without one. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Ambient } from '../engine/ambient.ts';
import type { TaskHubBackend } from '../engine/backend.ts';
import { TaskHubClient } from '../engine/task-hub-client.ts';
import type { Logger } from '../telemetry/log.ts';

/** The clock of the system, and random ids. */
export const ambient: Ambient = {
  now: Date.now,
  newId: () => randomUUID().replaceAll('-', ''),
};

export function createClient(backend: TaskHubBackend, config: Config, log: Logger): TaskHubClient {
  const { hubName, overridableExistingInstanceStates, defaultVersion } = config.durableTask;
  return new TaskHubClient({
    backend,
    ambient,
    log,
    taskHub: hubName,
    overridableStates: overridableExistingInstanceStates,
    defaultVersion: defaultVersion ?? null,
    entityMessageReorderWindowMs: config.durableTask.entityMessageReorderWindowInMinutes * 60_000,
  });
}
