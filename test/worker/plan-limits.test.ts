import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { Disposable } from '../../src/function-app/loading/functions-core.ts';
import type { FunctionMetadata } from '../../src/function-app/programming-model.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { reportLimits } from '../../src/worker/plan-limits.ts';

const SCHEDULE = 'AzureFunctionsJobHost__extensions__durableTask__warmUpSchedule';

async function limitsOf(env: Readonly<Record<string, string>>) {
  const registered: FunctionMetadata[] = [];
  const records: LogRecord[] = [];
  const config = await loadConfig({
    scriptRoot: import.meta.dirname,
    env: { AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...env },
    cpuCount: 1,
  });
  const register = (metadata: FunctionMetadata) => {
    registered.push(metadata);
    return new Disposable(() => undefined);
  };
  reportLimits(config, { register }, { write: (record) => void records.push(record) });
  return {
    schedules: registered.map(
      ({ bindings }) => (bindings['timer'] as { schedule: string }).schedule,
    ),
    messages: records.map(({ level, message }) => `${level}: ${message}`),
  };
}

describe('warmUpSchedule', () => {
  it.each(['0 */5 * * * *', '*/5 * * * *', '00:05:00', '%WHEN%'])(
    '%s is that of a timer',
    async (schedule) => {
      expect(await limitsOf({ [SCHEDULE]: schedule, WHEN: '0 0 * * * *' })).toEqual({
        schedules: [schedule],
        messages: [],
      });
    },
  );

  it.each([
    ['every five minutes', "'every five minutes' was not recognized"],
    ['0 */5 * * *  * *', 'was not recognized'],
    ['', "'' was not recognized"],
    ['%NOWHERE%', 'NOWHERE'],
  ])("'%s' is named in the log, and is that of no timer", async (schedule, reason) => {
    expect(await limitsOf({ [SCHEDULE]: schedule })).toEqual({
      schedules: [],
      messages: [expect.stringContaining(reason)],
    });
  });

  it('is recommended where a plan lets the app sleep', async () => {
    const { schedules, messages } = await limitsOf({ WEBSITE_SKU: 'FlexConsumption' });

    expect(schedules).toEqual([]);
    expect(messages).toEqual([
      expect.stringContaining('set extensions.durableTask.warmUpSchedule'),
    ]);
  });
});
