/** Instances of a version that the app does not run: they fail, or wait for a worker that does. Scenario W-03. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Versioning } from '../../src/core/versioning.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { LIFECYCLE_APP } from '../support/lifecycle-app.ts';
import { LONG } from '../support/patience.ts';
import { answered } from '../support/history.ts';
import { ScriptedInvoker } from '../support/scripted-invoker.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const REFUSAL = "The version '3.0' of the instance does not match the version '2.0' of this app";

let app: SdkApp;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => app.dispose());

async function startHub(failure: Versioning['failure']): Promise<SdkHub> {
  const versioning: Versioning = { appVersion: '2.0', match: 'CurrentOrOlder', failure };
  const hub = new SdkHub(app.invoker, { versioning });
  stops.push(() => hub.worker.stop());
  await hub.worker.start();
  return hub;
}

const rejections = (records: readonly LogRecord[]): number =>
  records.filter(({ message }) => message.includes(`${REFUSAL} (versionMatch`)).length;

describe('a sub-orchestration that is given no version', () => {
  const versioning: Versioning = { appVersion: '2.0', match: 'None', failure: 'Fail' };

  it.each([
    [{}, null],
    [{ versioning }, '2.0'],
  ])('in an app with %o is of the version %j', async (settings, version) => {
    const call = {
      kind: 'callSubOrchestrator',
      functionName: 'Child',
      instanceId: 'child',
      input: undefined,
      version: null,
    } as const;
    const orchestrators = {
      Parent: () => answered([call]),
      Child: () => answered([], { isDone: true }),
    };
    const hub = new SdkHub(new ScriptedInvoker({ orchestrators }), settings);
    stops.push(() => hub.worker.stop());
    await hub.worker.start();
    await hub.client.start({ name: 'Parent', instanceId: 'parent', input: null, version: '1.0' });

    expect(await hub.ended('child')).toMatchObject({ version, parentInstanceId: 'parent' });
  });
});

describe('W-03 an instance of a newer version than the app', () => {
  it('fails, and says why, where the app wants it so', async () => {
    const hub = await startHub('Fail');
    const id = await hub.client.start({ name: 'Echo', input: '1', version: '3.0' });

    const { runtimeStatus, output } = await hub.ended(id);

    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain(`Orchestrator function 'Echo' failed: ${REFUSAL}`);
  });

  it('stays Pending otherwise, is tried again, and can be terminated', async () => {
    const hub = await startHub('Reject');
    const id = await hub.client.start({ name: 'Echo', input: '1', version: '3.0' });
    await eventually(() => rejections(hub.records) > 2);

    expect(await hub.client.findStatus(id, { input: false })).toMatchObject({
      runtimeStatus: 'Pending',
    });
    await hub.client.terminate(id, 'enough');
    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it.each(['2.0', '1.9', ''])('does not keep one of version %j from running', async (version) => {
    const hub = await startHub('Reject');
    await hub.client.start({ name: 'Echo', input: '1', version: '3.0' });

    const id = await hub.client.start({ name: 'Echo', input: '"fits"', version });

    expect(await hub.ended(id)).toMatchObject({ output: '"fits"' });
  });
});

describe('W-03 an instance in Azure Storage that one worker rejects', () => {
  it(
    'is run by another worker of the hub as soon as that one has its partition',
    LONG,
    async () => {
      const records: LogRecord[] = [];
      const worker = async (
        appVersion: string,
        options: AzureHub['options'],
      ): Promise<AzureHub> => {
        const versioning: Versioning = { appVersion, match: 'Strict', failure: 'Reject' };
        const hub = new AzureHub(options, { invoker: app.invoker, settings: { versioning } });
        stops.push(() => hub.stop());
        await hub.start();
        return hub;
      };
      const log = { write: (record: LogRecord) => void records.push(record) };
      const { options } = new AzureHub({ log, partitions: { acquireIntervalMs: 200 } });
      const rejecting = await worker('2.0', options);
      const id = await rejecting.client.start({ name: 'Echo', input: '"x"', version: '3.0' });
      await eventually(() => rejections(records) > 0, { timeoutMs: 10_000 });

      const fitting = await worker('3.0', { ...options, maxQueuePollingIntervalMs: 50 });
      stops.push(() => fitting.backend.deleteHub());
      await rejecting.stop();

      expect(await fitting.ended(id, { timeoutMs: 50_000 })).toMatchObject({ output: '"x"' });
    },
  );
});
