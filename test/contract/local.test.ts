import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { HubDatabase } from '../../src/local/hub-database.ts';
import { HubHealth } from '../../src/local/hub-health.ts';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { putMessage, takeSequences } from '../../src/local/queue-rows.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { taskHubBackendContract } from './task-hub-backend.ts';

const root = mkdtempSync(path.join(tmpdir(), 'local-contract-'));
let hubs = 0;

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

taskHubBackendContract('the local backend', () => {
  const options = { path: root, taskHub: `Hub${++hubs}`, log: silentLogger };
  return {
    partitionCount: undefined,
    showsDue: true,
    connect: () => createLocalBackend(options),
    async putText(text) {
      const database = new HubDatabase({
        taskHub: options.taskHub,
        folder: path.join(root, options.taskHub),
        health: new HubHealth(options.taskHub, silentLogger),
      });
      await database.write((tables) => () => {
        const sequence = takeSequences(tables, tables.control, 1);
        putMessage(tables.control, { sequence, dueMs: undefined }, text);
      });
      await database.close();
    },
  };
});
