import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { durableTaskSettingDescriptions } from '../../src/config/durable-task-settings.ts';

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');

const table = page.slice(page.indexOf('| setting under `extensions.durableTask`'));

/** Its `name | default | meaning` rows. */
const rows = table
  .slice(0, table.indexOf('\n\n'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/settings.md', () => {
  it('has a table of settings', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows.map((cells) => [cells[1]?.replaceAll('`', '') ?? '', cells]))(
    'describes %s as it is declared',
    (name, cells) => {
      const declared = durableTaskSettingDescriptions.find((setting) => setting.name === name);

      expect(declared?.effective).toBe(true);
      expect(cells.slice(2, 4)).toEqual([declared?.default, declared?.doc]);
    },
  );
});
