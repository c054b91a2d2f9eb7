/** Timer functions of both models, run by the listener and by hand. */
import { describe, expect, it } from 'vitest';
import { runManually } from '../../src/triggers/manual-run.ts';
import { createMemoryTimerStatusStore } from '../../src/triggers/timer-status.ts';
import { TimerListener } from '../../src/triggers/timer-trigger.ts';
import { eventually } from '../support/eventually.ts';
import { loadApp } from './loaded-app.ts';
import { movedTime } from './moved-time.ts';

const v4 = {
  'package.json': { main: 'index.js' },
  'index.js': `
    const { app } = require('@azure/functions');
    app.timer('Tick', { schedule: '0 */5 * * * *', handler: (timer, context) => { context.log('timer ' + JSON.stringify(timer)); } });`,
};

const v3 = {
  'package.json': {},
  'Tick/function.json': {
    bindings: [{ type: 'timerTrigger', direction: 'in', name: 't', schedule: '0 */5 * * * *' }],
  },
  'Tick/index.js': `module.exports = async (context, t) => { context.log('timer ' + JSON.stringify(t)); };`,
};

async function loadTimer(files: Record<string, unknown>) {
  const { app, log } = await loadApp(files);
  const fn = app.functions.find(({ name }) => name === 'Tick');
  if (fn === undefined) throw new Error('The timer function was not loaded.');
  const seen = () => {
    const line = log.messages().find((message) => message.startsWith('timer '));
    return line === undefined ? undefined : (JSON.parse(line.slice('timer '.length)) as unknown);
  };
  return { app, fn, log, seen };
}

describe.each([
  ['v4', v4],
  ['v3', v3],
])('a %s timer function', (_, files) => {
  it('sees its schedule status in camel case', async () => {
    const { app, fn, log, seen } = await loadTimer(files);
    const time = movedTime('2026-11-21T03:22:00Z');
    const statusStore = createMemoryTimerStatusStore();
    const listener = new TimerListener({
      app,
      fn,
      log,
      statusStore,
      timeZone: 'UTC',
      clock: time,
    });
    await listener.start();

    await time.fireNext();

    expect(await eventually(seen)).toEqual({
      schedule: { adjustForDST: true },
      scheduleStatus: {
        last: '0001-01-01T00:00:00+00:00',
        next: '2026-11-21T03:25:00+00:00',
        lastUpdated: '0001-01-01T00:00:00+00:00',
      },
      isPastDue: false,
    });
    await listener.stop();
  });

  it('can be run by hand', async () => {
    const { app, fn, log, seen } = await loadTimer(files);

    await runManually({ app, fn, input: '', log });

    expect(seen()).toMatchObject({ isPastDue: false, scheduleStatus: null });
  });
});
