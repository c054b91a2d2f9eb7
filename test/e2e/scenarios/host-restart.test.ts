/** Scenarios L-07, OP-60 and R-19: what was under way goes on with the next host. */
import { expect, it } from 'vitest';
import { describeProbe, freshId } from '../../support/probe.ts';

describeProbe(
  'a host that is stopped and started again',
  (probe) => {
    it('L-07 R-11 OP-60 completes what waited, what ran and what was due meanwhile', async () => {
      const key = freshId('busy');
      const waiting = await Promise.all([1, 2, 3, 4, 5].map(() => probe.start('P_WaitOne', 'go')));
      const busy = await Promise.all(
        [1, 2, 3, 4, 5].map((i) => probe.start('P_Yield', { kind: 'activity', key: `${key}${i}` })),
      );
      const timer = await probe.start('P_TimerIn', 2000);
      const counter = await probe.start('P_Counter', 7);
      await Promise.all([...waiting, timer].map((id) => probe.reaches(id, 'Running')));
      await Promise.all([1, 2, 3, 4, 5].map((i) => probe.began(`${key}${i}`)));
      await probe.when(counter, (status) => status.customStatus === 7);

      await probe.func.stop();
      await probe.boot();
      await Promise.all(waiting.map((id) => probe.raise(id, 'go', id)));
      await probe.raise(counter, 'operation', 'end');

      const ends = await Promise.all(
        [...waiting, ...busy, timer, counter].map((id) => probe.ended(id, 60_000)),
      );
      expect(ends.map((status) => status.runtimeStatus)).toEqual(ends.map(() => 'Completed'));
      expect(ends.slice(0, 5).map((status) => status.output)).toEqual(waiting);
      expect(ends.at(-1)?.output).toBe(7);
    }, 90_000);
  },
  {
    // Extended sessions are for .NET functions: the setting is taken and does nothing.
    env: { AzureFunctionsJobHost__extensions__durableTask__extendedSessionsEnabled: 'true' },
    ownHost: true,
  },
);
