import { describe, expect, it } from 'vitest';
import { Slots } from '../../src/base/slots.ts';
import { BackendUnavailableError } from '../../src/core/errors.ts';
import { ActivityProcessor } from '../../src/engine/activity-processor.ts';
import { OtherWorkers } from '../../src/engine/other-workers.ts';
import { FailedTries } from '../../src/engine/poison/failed-tries.ts';
import { TerminatedExecutions } from '../../src/engine/terminated-executions.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { HubMetrics } from '../../src/telemetry/hub-metrics.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { noTracing } from '../../src/telemetry/tracing.ts';
import { id, start, taskScheduled } from '../contract/sample-messages.ts';
import { overriding } from '../support/overriding.ts';
import { ScriptedInvoker } from '../support/scripted-invoker.ts';

/** Processes one activity with a storage that takes its answer at the third time. */
async function process(draining: AbortSignal) {
  const calls: string[] = [];
  const backend = overriding(createMemoryBackend(), {
    completeActivity: () => {
      calls.push('complete');
      if (calls.length < 3) return Promise.reject(new BackendUnavailableError('write EPIPE'));
      return Promise.resolve();
    },
    abandonActivity: () => {
      calls.push('abandon');
      return Promise.resolve();
    },
  });
  const ambient = { now: Date.now, newId: () => 'new' };
  const invoker = new ScriptedInvoker({ activities: { A: () => '"done"' } });
  const processor = new ActivityProcessor({
    backend,
    invoker,
    ambient,
    log: silentLogger,
    taskHub: 'Test',
    tracing: noTracing,
    metrics: new HubMetrics(),
    slots: new Slots(1),
    terminatedExecutions: new TerminatedExecutions(backend, ambient),
    failedTries: new FailedTries(),
    others: new OtherWorkers({
      backend,
      functions: invoker.functions,
      taskHub: 'Test',
      log: silentLogger,
    }),
    draining,
  });
  const message = taskScheduled(start(id('inst')), 0, { Name: 'A', Input: '[1]' });
  await processor.process({ message, dequeueCount: 1, hasNoHistory: false });
  return { calls, runs: invoker.activityRuns.length };
}

describe('the answer of an activity that storage does not take', () => {
  it('is offered again, and the activity does not run again', async () => {
    expect(await process(new AbortController().signal)).toEqual({
      calls: ['complete', 'complete', 'complete'],
      runs: 1,
    });
  });

  it('is left to the next worker when this one drains', async () => {
    expect(await process(AbortSignal.abort())).toEqual({
      calls: ['complete', 'abandon'],
      runs: 1,
    });
  });
});
