/** Scenarios P-17 to P-19: critical sections, which SDK 3.5 alone has. */
import { expect, it } from 'vitest';
import { describeProbe, freshId, type ProbeStatus } from '../../support/probe.ts';
import { calls, reads, signal } from '../../support/probe-entities.ts';

describeProbe(
  'critical sections',
  (probe) => {
    it('P-17 move from one counter to the other', async () => {
      const keys = [freshId(), freshId()];

      const { output } = await probe.run('P_Transfer', keys);

      expect(output).toBe(false);
      await reads(probe, `E_Counter/${String(keys[0])}`, -1);
      await reads(probe, `E_Counter/${String(keys[1])}`, 1);
    });

    it('P-17 go around a ring of five, and all end', async () => {
      const keys = Array.from({ length: 5 }, () => freshId());

      const ends = await Promise.all(
        keys.map((key, n) => probe.run('P_Transfer', [key, keys[(n + 1) % 5]])),
      );

      expect(ends.map(statusOf)).toEqual(keys.map(() => 'Completed'));
      for (const key of keys) await reads(probe, `E_Counter/${key}`, 0);
    });

    it('P-17 P-18 let one in after the other', async () => {
      const key = freshId();

      const ends = await Promise.all(
        Array.from({ length: 3 }, () => probe.run('P_Section', { key, ms: 300 })),
      );

      expect(ends.map(({ output }) => output).sort()).toEqual([1, 2, 3]);
      const steps = probe.journal(key).map(({ what }) => what);
      expect(steps).toEqual(['start', 'end', 'start', 'end', 'start', 'end']);
    });

    it('P-18 keep the signals of others waiting', async () => {
      const key = freshId();
      const id = await probe.start('P_Section', { key, ms: 700 });
      await probe.began(key);

      await signal(probe, `E_Counter/${key}?op=add`, 10);

      expect((await probe.ended(id)).output).toBe(1);
      await reads(probe, `E_Counter/${key}`, 11);
    });

    it('P-19 cannot be within each other, and are left on failure', async () => {
      const key = freshId();

      const failed = await probe.run('P_NestedLock', key);

      expect(failed.runtimeStatus).toBe('Failed');
      expect(failed.output).toContain('Cannot acquire more locks when already holding some locks');
      expect(await calls(probe, ['E_Counter', key, 'add', 1])).toEqual([1]);
    });
  },
  { editions: ['probe-v4'] },
);

const statusOf = ({ runtimeStatus }: ProbeStatus): string => runtimeStatus;
