/**
 * What is told of an error on its way from an activity to the orchestrator, its parents and the status: the same as extension
 * 3.x tells, through the official SDKs.
 */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

/** As .NET wrote them; `Details` of a failed activity. */
const recorded = JSON.parse(
  readFileSync(new URL('../golden/history-rows/task-failed.json', import.meta.url), 'utf8'),
) as readonly { readonly Reason: string; readonly Details?: string }[];

interface ExceptionJson {
  readonly Message: string;
  readonly InnerException: ExceptionJson | null;
  readonly RemoteMessage?: string;
  readonly RemoteStackTrace?: string;
}

type FailedEvent = Extract<
  HistoryEvent,
  { EventType: 'TaskFailed' | 'SubOrchestrationInstanceFailed' }
>;

let app: SdkApp;
let hub: SdkHub;

async function failedEvent(id: string): Promise<FailedEvent> {
  const history = await hub.client.readHistory(id);
  const event = history.find(({ EventType }) => /Failed$/.test(EventType));
  return event as FailedEvent;
}

describe.each(ALL_SDKS)('durable-functions %s', (sdk) => {
  beforeAll(async () => {
    app = await loadSdkApp(sdk, 'orchestrations/failures.cjs');
  });
  beforeEach(async () => {
    hub = new SdkHub(app.invoker);
    await hub.worker.start();
  });
  afterEach(async () => {
    await hub.worker.stop();
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('M-02, K-06: names each function between the error and the status', async () => {
    const output = await hub.run('CallsGrandchild', 'no luck');

    expect(output).toMatch(
      /^Orchestrator function 'CallsGrandchild' failed: Orchestrator function 'CallsChild' failed: Orchestrator function 'Calls' failed: Activity function 'Fails' failed: no luck/,
    );
  });

  it('M-03: gives the orchestrator the error of its activity', async () => {
    const { isError, message } = (await hub.run('Catches')) as Record<string, unknown>;

    expect(isError).toBe(true);
    const [reason, details = 'null'] = String(message).split(' \n ');
    expect(reason).toBe("Activity function 'Fails' failed: caught");
    if (sdk === '1.5.4') expect(message).toBe(reason);
    else expect(JSON.parse(details)).toMatchObject({ Message: 'caught' });
  });

  it('keeps type, stack and causes of the error in the history', async () => {
    const id = await hub.start('Calls', 'boom');
    await hub.ended(id);

    const event = await failedEvent(id);
    const { InnerException: error } = JSON.parse(event.Details ?? '') as ExceptionJson;
    expect(event.FailureDetails).toBeNull();
    expect(error).toMatchObject({ RemoteMessage: 'boom' });
    expect(error?.RemoteStackTrace).toMatch(/^Error: boom|^OrderError: boom/);
    expect(error?.RemoteStackTrace).toContain('failures.cjs');
    expect(error?.InnerException).toMatchObject({ RemoteMessage: 'out of stock' });
    expect(error?.InnerException?.RemoteStackTrace).toMatch(/^RangeError: out of stock/);
  });

  it('writes the members that extension 3.x writes', async () => {
    const id = await hub.start('Calls', 'boom x');
    await hub.ended(id);

    const { Reason, Details } = await failedEvent(id);
    // The latest recording: before 3.19 the texts had a blank more.
    const theirs = recorded.findLast(({ Details: details }) => details?.startsWith('{"$type"'));
    const mine = JSON.parse(Details ?? '') as ExceptionJson;
    const golden = JSON.parse(theirs?.Details ?? '') as ExceptionJson;
    // Versions before 3.19 put two blanks before what was thrown.
    expect(Reason?.replace('Fails', 'Fail')).toBe(theirs?.Reason.replace('failed:  ', 'failed: '));
    expect(mine.Message).toBe(golden.Message.trimStart());
    expect(Object.keys(mine)).toEqual(Object.keys(golden));
    expect(Object.keys(mine.InnerException ?? {})).toEqual(
      Object.keys(golden.InnerException ?? {}),
    );
    expect(mine.InnerException?.Message).toMatch(/^Result: Failure\nException: boom x\nStack: /);
  });

  it('tells the parent of a failed child what extension 3.x tells', async () => {
    const id = await hub.start('CallsChild', 'boom');
    await hub.ended(id);

    const { Reason, Details, FailureDetails } = await failedEvent(id);
    expect(Reason).toMatch(/^Orchestrator function 'Calls' failed: Activity function 'Fails'/);
    expect(Details).toMatch(/^Message: Activity function 'Fails' failed: boom.*, StackTrace: /s);
    expect(FailureDetails).toBeNull();
  });

  it.runIf(sdk === '3.5.0')('throws details of the provider through all levels', async () => {
    const details = {
      errorType: 'OrderError',
      errorMessage: 'detailed',
      isNonRetriable: false,
      properties: { orderId: 5 },
    };
    const seen = {
      name: 'TaskFailedError',
      message: 'OrderError: detailed',
      details,
      inner: 'RangeError',
      isCausedBy: true,
      hasStack: true,
    };

    expect(await hub.run('CatchesDetails')).toEqual([
      { ...seen, taskName: 'Fails' },
      { ...seen, taskName: 'Calls' },
    ]);
  });

  it.runIf(sdk === '3.5.0')('ends with the details when nobody catches the error', async () => {
    const id = await hub.start('CallsChild', 'detailed');
    const { output } = await hub.ended(id);

    const history = await hub.client.readHistory(id);
    const details = { ErrorType: 'OrderError', Properties: { orderId: 5 } };
    expect(output).toBe('OrderError: detailed');
    expect(await failedEvent(id)).toMatchObject({ FailureDetails: details });
    expect(history.find(({ EventType }) => EventType === 'ExecutionCompleted')).toMatchObject({
      Result: "Orchestrator function 'CallsChild' failed: OrderError: detailed",
      FailureDetails: details,
    });
  });
});
