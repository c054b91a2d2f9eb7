/** The test kit on an app of each SDK generation, as a user's tests use it. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  loadDurableApp,
  OrchestrationFailedError,
  type DurableApp,
} from '../../src/testing/index.ts';
import type { ScratchApp } from '../support/scratch-app.ts';
import { ALL_SDKS, createSdkApp } from '../support/sdk-app.ts';

const START = new Date('2026-01-31T10:00:00Z');

describe.each(ALL_SDKS)('an app in a unit test (SDK %s)', (sdk) => {
  let folder: ScratchApp;
  let app: DurableApp;
  beforeAll(async () => {
    folder = await createSdkApp(sdk, 'orchestrations/orders.cjs');
    app = await loadDurableApp(folder.folder, { startTime: START });
  });
  afterAll(async () => {
    await app.dispose();
    await folder.remove();
  });

  it('runs an orchestration with its activities and sub-orchestrations, and takes an event', async () => {
    const order = await app.start('Order', { amount: 12 });
    expect(await order.status()).toMatchObject({
      runtimeStatus: 'Running',
      customStatus: 'charged',
    });

    await order.raise('Approved', true);

    expect(await order.output()).toEqual({
      receipt: 'paid 12',
      parcel: 'packed {"receipt":"paid 12"}',
    });
    expect(await order.calls()).toEqual([
      { name: 'Charge', input: { amount: 12 } },
      { name: 'Ship', input: { receipt: 'paid 12' } },
      { name: 'Pack', input: { receipt: 'paid 12' } },
    ]);
  });

  it('lets three days pass at once', async () => {
    const before = app.now;
    const order = await app.start('Order', { amount: 12 });

    const output = await order.output();

    expect(output).toMatchObject({ shipped: 'never' });
    expect(app.now.getTime() - before.getTime()).toBe(3 * 24 * 3_600_000);
    expect((await order.history()).map(({ EventType }) => EventType)).toContain('TimerFired');
  });

  it('raises an event at a time of its own', async () => {
    const order = await app.start('Order', { amount: 12 });

    await order.skip({ days: 2, hours: 23 });
    await order.raise('Approved');

    expect(await order.output()).toHaveProperty('parcel');
  });

  it('puts functions in the place of activities and of sub-orchestrations', async () => {
    const charge = vi.fn(() => ({ id: 'r1' }));
    const order = await app.start(
      'Order',
      { amount: 12 },
      { activities: { charge }, subOrchestrators: { Ship: () => Promise.resolve('by air') } },
    );
    await order.raise('Approved');

    expect(await order.output()).toEqual({ receipt: { id: 'r1' }, parcel: 'by air' });
    expect(charge).toHaveBeenCalledExactlyOnceWith({ amount: 12 });
    expect(await order.calls('Pack')).toEqual([]);
  });

  it('retries a function that throws, without waiting for the pauses', async () => {
    const charge = vi.fn().mockRejectedValueOnce(new Error('busy')).mockReturnValue('paid');
    const order = await app.start('Order', { amount: 1 }, { activities: { Charge: charge } });
    expect(await order.calls('Charge')).toHaveLength(1);

    await order.skip({ minutes: 1 });
    await order.raise('Approved');

    expect(await order.output()).toMatchObject({ receipt: 'paid' });
    expect(await order.calls('Charge')).toHaveLength(2);
  });

  it('tells why an orchestration failed, by its outcome and by an error', async () => {
    const Charge = (): never => {
      throw new Error('no money');
    };
    const order = await app.start('Order', { amount: 1 }, { activities: { Charge } });

    await expect(order.output()).rejects.toThrow(OrchestrationFailedError);
    await expect(order.output()).rejects.toThrow(/'Order' ended as Failed: .*no money/s);
    expect(await order.outcome()).toMatchObject({ runtimeStatus: 'Failed' });
  });

  it('answers callHttp by a function, and refuses it without one', async () => {
    const http = (request: Request): Response => new Response(`stock of ${request.url}`);
    const asked = await app.start('Asks', null, { http });
    const unanswered = await app.start('Asks');

    expect(await asked.output()).toBe('stock of https://stock.example/7');
    await expect(unanswered.output()).rejects.toThrow(
      'callHttp GET https://stock.example/7 was not sent',
    );
  });

  it('says which event an orchestration waits for that nobody raises', async () => {
    const waits = await app.start('Waits');
    await expect(waits.output()).rejects.toThrow(
      "'Waits' waits for the event 'Red' or 'Green', and nobody raises an event",
    );
    await waits.raise('Green');
    await waits.suspend('holiday');
    await expect(waits.output()).rejects.toThrow("'Waits' is suspended: resume it first");
    await waits.resume('back');
    await waits.raise('Blue');

    expect(await waits.output()).toBe('done');
  });

  it('takes an event that the function of an activity raises', async () => {
    const Ask = (instanceId: string): Promise<void> =>
      app.orchestration(instanceId).raise('Red', 'at once');
    const asking = await app.start('Asking', null, { activities: { Ask } });

    expect(await asking.output()).toBe('at once');
  });

  it('puts functions in the place of those that the app does not have', async () => {
    const subOrchestrators = { OfAnotherApp: (input: number): number => input + 1 };
    const foreign = await app.start('WithForeigner', null, { subOrchestrators });

    expect(await foreign.output()).toBe(8);
  });

  it('reaches a sub-orchestration by its id', async () => {
    const parent = await app.start('WithChild');
    const child = app.orchestration('the-child');
    await expect(parent.output()).rejects.toThrow(
      "its sub-orchestration 'Waits' (the-child) waits for the event 'Red' or 'Green'",
    );
    await child.raise('Red');
    await child.raise('Blue');

    expect(await parent.output()).toBe('done');
    expect(await child.status()).toMatchObject({ name: 'Waits', runtimeStatus: 'Completed' });
    await expect(app.orchestration('nobody').status()).rejects.toThrow(/nobody/);
  });

  it('ends an orchestration', async () => {
    const waits = await app.start('Waits');
    await waits.terminate('enough');
    expect(await waits.outcome()).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it('shows an orchestration that never ends by its days', async () => {
    const daily = await app.start('Forever');
    await daily.skip({ days: 5 });

    expect(await daily.calls('Pack')).toHaveLength(5);
    await daily.terminate('over');
  });

  it.runIf(sdk === '3.5.0')('gives up on an orchestration that never ends', async () => {
    const endless = await app.start('Endless');
    await expect(endless.outcome()).rejects.toThrow(/has not ended after 300 timers/);
    await endless.terminate('over');
  });

  it('fails an orchestrator that asks the clock, with the place', async () => {
    const clock = await app.start('Clock');
    await expect(clock.output()).rejects.toThrow(/Date\.now\(\).*orders\.cjs:\d+/s);
  });

  it('fails an orchestrator that would do something else at a replay', async () => {
    const changing = await app.start('Changing');
    await expect(changing.output()).rejects.toThrow(/Charge|Pack/);
  });

  it('runs activities alone', async () => {
    expect(await app.runActivity('Charge', { amount: 3 })).toBe('paid 3');
    await expect(app.runActivity('Chrage')).rejects.toThrow(
      "The app has no activity 'Chrage'. It has: Charge, Pack.",
    );
  });

  it('has names of functions looked at when it starts them', async () => {
    await expect(app.start('Ordr')).rejects.toThrow("The app has no orchestrator 'Ordr'.");
  });

  it('runs entities, by signals, calls and orchestrations', async () => {
    const counter = app.entity('Counter', 'orders');
    expect(await counter.state()).toBeUndefined();

    await counter.signal('add', 5);
    const counts = await app.start('Counts');

    expect(await counts.output()).toBe(6);
    expect(await counter.call('add', 4)).toBe(10);
    await expect(counter.call('add', 'x')).rejects.toThrow(
      "The operation 'add' of the entity '@counter@orders' threw",
    );
    expect(await counter.state()).toBe(10);
  });
});
