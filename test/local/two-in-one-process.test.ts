import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { LONG, patient } from '../support/patience.ts';

const PROGRAM = path.join(import.meta.dirname, '../support/two-hubs-process.js');

it('a hub that is written can be opened once more by the same process', LONG, async () => {
  const folder = temporaryFolder();
  onTestFinished(() => {
    removeFolder(folder);
  });

  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, folder], {
    timeout: patient(30_000),
    killSignal: 'SIGKILL',
  });

  expect(stdout).toBe('done\n');
});
