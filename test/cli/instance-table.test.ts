import { describe, expect, it } from 'vitest';
import { instanceTable } from '../../src/cli/commands/durable/instance-table.ts';
import { terminal } from '../../src/cli/output.ts';
import type { InstanceRecord } from '../../src/core/instance-status.ts';

const ID = '29bf1a7d3c9c4db1a1a6787aa99bbce1';
const RECORD = {
  instanceId: ID,
  name: 'HelloOrchestrator',
  runtimeStatus: 'Completed',
  createdTime: '2026-11-30T11:19:44.857Z',
  lastUpdatedTime: '2026-11-30T11:19:44.967Z',
} as InstanceRecord;

/** The lines on a terminal of so many columns. */
async function tableOf(columns: number, ...records: InstanceRecord[]): Promise<string[]> {
  const lines: string[] = [];
  const list = instanceTable({ ...terminal, colors: false, columns }, (line) => lines.push(line));
  for (const record of records) await list.add(record);
  await list.end(undefined);
  return lines;
}

describe('the table of instances', () => {
  it('shows all of each on a wide terminal', async () => {
    expect(await tableOf(120, RECORD)).toEqual([
      'INSTANCE                          NAME               STATUS     CREATED (UTC)        TOOK',
      `${ID}  HelloOrchestrator  Completed  2026-11-30 11:19:44  0.11 s`,
    ]);
  });

  it('keeps ids whole, which are copied: names are shortened first, then the last columns go', async () => {
    expect(await tableOf(80, RECORD)).toEqual([
      'INSTANCE                          NAME           STATUS     CREATED (UTC)',
      `${ID}  HelloOrchest…  Completed  2026-11-30 11:19:44`,
    ]);
    expect(await tableOf(60, RECORD)).toEqual([
      'INSTANCE                          NAME            STATUS',
      `${ID}  HelloOrchestr…  Completed`,
    ]);
  });

  it('keeps them whole on a terminal that is narrower than they are, and for ids of any length', async () => {
    const long = { ...RECORD, instanceId: 'x'.repeat(100) } as InstanceRecord;
    const [, row] = await tableOf(20, long);

    expect(row).toMatch(/^x{100} {2}Hello.*… {2}Completed$/);
  });
});
