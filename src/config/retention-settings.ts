/** The kinds of settings in `retention`: how long instances are kept, in ms; Infinity for ever. */
import { formatTimeSpan, isLoneNumber, parseTimeSpan } from '../base/timespan.ts';
import { FINAL_STATUSES, type KeepTimes } from '../core/retention.ts';
import { textOf } from './setting-kinds.ts';
import { declare, type OptionalDeclaration, type Setting } from './setting.ts';
import type { SettingsNode } from './settings-node.ts';

const NEVER = 'never';
const MIN_MS = 1_000;
const MAX_MS = 36_500 * 24 * 3_600_000;
const A_TIME = `a TimeSpan between ${formatTimeSpan(MIN_MS)} and ${formatTimeSpan(MAX_MS)}, or '${NEVER}'`;

/** For instances of one status; undefined when not set. */
export function keepTime(status: string, doc: string): Setting<number | undefined> {
  return declare<number | undefined>(
    { path: `retention.${status}`, doc, default: undefined },
    {
      expected: A_TIME,
      show: () => '',
      parse: (node) => {
        const value = parseKeepTime(node);
        return value === undefined ? undefined : { value };
      },
      caution: cautionOf,
    },
  );
}

/** For instances of some orchestrators, by their names in lower case. */
export function keepTimesByName(
  declaration: OptionalDeclaration<ReadonlyMap<string, KeepTimes>>,
): Setting<ReadonlyMap<string, KeepTimes>> {
  return declare<ReadonlyMap<string, KeepTimes>>(
    { ...declaration, default: new Map() },
    {
      expected: `an object with, for the name of each orchestrator, an object of statuses (${FINAL_STATUSES.join(', ')}), each with ${A_TIME}`,
      show: () => '',
      parse: (node) => {
        if (node.kind !== 'section' || node.isList) return undefined;
        const value = new Map<string, KeepTimes>();
        for (const [name, member] of node.members) {
          const times = parseKeepTimes(member.node);
          if (times === undefined) return undefined;
          value.set(name, times);
        }
        return { value };
      },
    },
  );
}

function parseKeepTimes(node: SettingsNode): KeepTimes | undefined {
  if (node.kind !== 'section' || node.isList) return undefined;
  const times: [string, number][] = [];
  for (const [key, member] of node.members) {
    const status = FINAL_STATUSES.find((one) => one.toLowerCase() === key);
    const keptMs = parseKeepTime(member.node);
    if (status === undefined || keptMs === undefined) return undefined;
    times.push([status, keptMs]);
  }
  return Object.fromEntries(times);
}

function parseKeepTime(node: SettingsNode): number | undefined {
  const text = textOf(node)?.trim() ?? '';
  if (text.toLowerCase() === NEVER) return Infinity;
  const ms = parseTimeSpan(text);
  return ms === undefined || ms < MIN_MS || ms > MAX_MS ? undefined : ms;
}

function cautionOf(node: SettingsNode): string | undefined {
  const text = textOf(node) ?? '';
  return isLoneNumber(text) && Number(text) > 0 ? `a lone number means days` : undefined;
}
