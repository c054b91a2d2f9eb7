/**
 * Two backends of one folder in one process: one writes all the time, the other one is opened, used and closed meanwhile. Says
 * `done` at the end. A process of its own, since it would stand still for ever if the two waited for each other.
 * Argument: the folder.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalBackend } from '../../dist/local/local-backend.js';

const ROUNDS = 60;
const WRITERS = 8;
const folder = process.argv[2] ?? '';
const log = { write: () => undefined };
const open = () => createLocalBackend({ path: folder, taskHub: 'Hub', log });

const first = open();
await first.createHub();
let isOver = false;
let sent = 0;
const write = async () => {
  while (!isOver) {
    const target = { instanceId: 'i', executionId: null };
    const event = { EventType: 'EventRaised', EventId: -1, Name: 'E', Input: String(++sent) };
    await first.sendMessage({ target, event });
  }
};
const writing = Array.from({ length: WRITERS }, write);
for (let round = 0; round < ROUNDS; round++) {
  await pause(round % 5);
  const second = open();
  await second.createHub();
  if (!(await second.hubExists())) throw new Error('the hub is not there');
  await second.stop();
}
isOver = true;
await Promise.all(writing);
await first.stop();
process.stdout.write('done\n');
