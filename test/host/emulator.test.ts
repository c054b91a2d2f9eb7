import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findAzurite } from '../../src/host/emulator.ts';
import { REPOSITORY } from '../support/func-process.ts';

it('takes the Azurite of the first folder that has one', async () => {
  const empty = await mkdtemp(path.join(tmpdir(), 'no-azurite-'));

  expect(findAzurite([empty, REPOSITORY], [])).toMatch(/azurite\/dist\/src\/azurite\.js$/);
  await rm(empty, { recursive: true });
});

it.each([
  [[], 'The task hub needs'],
  [['listen'], "The function 'listen' needs"],
  [['listen', 'store'], "The function 'listen', like 1 more, needs"],
])('says what to install when nobody has it and %j are in it', (functions, who) => {
  const find = (): string => findAzurite([tmpdir()], functions);

  expect(find).toThrow(`${who} the storage emulator`);
  expect(find).toThrow('npm install --save-dev azurite');
});
