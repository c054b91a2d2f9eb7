/** `func durable poison` on a hub in a folder, beside its worker. */
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { drain, nextItem } from '../contract/contract-hub.ts';
import { eventRaised, id } from '../contract/sample-messages.ts';
import { func } from '../support/func-command.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

let app: ScratchApp;
let worker: TaskHubBackend;

const poison = (...args: string[]) =>
  func('durable', 'poison', ...args, '--script-root', app.folder);

async function setAside(name: string): Promise<void> {
  await worker.sendMessage(eventRaised(id(`order-${name}`), name));
  const item = await nextItem(worker);
  await worker.setAside(item.messages, `${name} is bad.`);
  await worker.settleOrchestration(item, { consumed: item.messages, deferred: [] });
}

beforeEach(async () => {
  const durableTask = { hubName: 'Orders', storageProvider: { type: 'local' } };
  app = await createScratchApp({
    files: { 'host.json': { version: '2.0', extensions: { durableTask } } },
  });
  const folder = path.join(app.folder, '.durable');
  worker = createLocalBackend({ path: folder, taskHub: 'Orders', log: silentLogger });
  await worker.createHub();
  await worker.start();
  await setAside('One');
  await setAside('Two');
});
afterEach(async () => {
  await worker.stop();
  await app.remove();
});

describe('func durable poison', () => {
  it('lists what was set aside, and why', async () => {
    const { code, out } = await poison('list');

    expect(code).toBe(0);
    expect(out).toMatch(
      /^control-0{15}1 {2}\S+Z {2}EventRaised of 'order-One' \(control\)\n {4}One is bad\.\ncontrol-0{15}2 /,
    );
    const { out: json } = await poison('list', '--json', '--top', '1');
    expect(JSON.parse(json)).toMatchObject([{ reason: 'One is bad.', dequeueCount: 1 }]);
  });

  it('shows one as it was', async () => {
    const { out } = await poison('show', '--id', 'control-0000000000000002');

    const { body } = JSON.parse(out) as { body: string };
    expect(JSON.parse(body)).toMatchObject({ message: { event: { Name: 'Two' } } });
  });

  it('puts one back, for the worker to try again', async () => {
    const { code, out } = await poison('replay', '--id', 'control-0000000000000001');

    expect([code, out]).toEqual([0, '1 message was put back.']);
    expect(await drain(worker, 1)).toMatchObject([{ event: { Name: 'One' } }]);
  });

  it('drops all, and says how many', async () => {
    expect((await poison('drop', '--all')).out).toBe('2 messages were dropped.');
    expect((await poison('list')).out).toBe('No message is set aside.');
  });

  it('is told of by the doctor, who finds nothing where all was dropped', async () => {
    const doctor = (...args: string[]) =>
      func('durable', 'doctor', ...args, '--script-root', app.folder);

    const { code, out } = await doctor();
    expect(code).toBe(1);
    expect(out).toMatch(
      /^\[poison\] order-One: The message 'control-0+1' is set aside: One is bad\./,
    );
    expect(out).toMatch(/\n2 poison\.$/);
    expect(JSON.parse((await doctor('--json')).out)).toMatchObject([
      { kind: 'poison', instanceId: 'order-One', canRepair: false, isRepaired: false },
      { kind: 'poison', instanceId: 'order-Two' },
    ]);

    await poison('drop', '--all');
    expect(await doctor()).toMatchObject({ code: 0, out: 'Nothing wrong was found.' });
  });

  it('is told of by an export, which leaves it out', async () => {
    const file = path.join(app.folder, 'hub.jsonl');
    const exported = (...args: string[]) =>
      func('durable', 'export', '--output', file, '--force', ...args, '--script-root', app.folder);

    const { code, err, out } = await exported();

    expect([code, out]).toEqual([0, expect.stringContaining('0 messages')]);
    expect(err).toContain('2 messages that were set aside are left out');
    expect(JSON.parse((await exported('--json')).out)).toMatchObject({ setAside: 2, leftOut: 0 });
  });

  it('has to be told which, and names one that is not there', async () => {
    expect(await poison('drop')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Name one message by --id, or all of them by --all.') as string,
    });
    expect(await poison('drop', '--id', 'none')).toMatchObject({
      code: 1,
      err: expect.stringContaining("No message 'none' is set aside in this task hub.") as string,
    });
  });
});
