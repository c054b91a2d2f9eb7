/**
 * The rows of a time line: the lanes of the instance, and below a child that is open its own lanes, and so on. Pure.
 */
import type { Interval } from './time-scale.ts';
import { busyIntervals, type Lane, type Timeline } from './timeline.ts';

/** Whoever wants to go deeper opens the page of the child. */
export const MAX_DEPTH = 4;

/** What is known of a child that is open. */
export interface OpenChild {
  /** undefined until its history is there. */
  readonly timeline: Timeline | undefined;
  /** How many events it has, and how many of them are drawn. */
  readonly total: number;
  readonly drawn: number;
  readonly error?: string | undefined;
}

export interface LaneRow {
  readonly key: string;
  /** 0 for the instance itself. */
  readonly depth: number;
  /** Whose history the lane is from; undefined for the instance itself. */
  readonly owner?: string | undefined;
  /** Absent for a row that only says something. */
  readonly lane?: Lane;
  /** Whether it is a child whose lanes follow; absent for what has none. */
  readonly isOpen?: boolean;
  readonly note?: string;
}

export function laneRows(
  timeline: Timeline,
  open: ReadonlyMap<string, OpenChild>,
): readonly LaneRow[] {
  const rows: LaneRow[] = [];
  const add = (lanes: readonly Lane[], depth: number, owner: string | undefined, path: string) => {
    for (const lane of lanes) {
      const key = `${path}${lane.index}`;
      const { instanceId } = lane;
      if (instanceId === undefined || depth === MAX_DEPTH) {
        rows.push({ key, depth, owner, lane });
        continue;
      }
      const child = open.get(instanceId);
      rows.push({ key, depth, owner, lane, isOpen: child !== undefined });
      if (child === undefined) continue;
      const note = noteOn(child);
      add(child.timeline?.lanes ?? [], depth + 1, instanceId, `${key}-`);
      if (note !== undefined) rows.push({ key: `${key}-note`, depth: depth + 1, note });
    }
  };
  add(timeline.lanes, 0, undefined, 'lane-');
  return rows;
}

function noteOn({ timeline, total, drawn, error }: OpenChild): string | undefined {
  if (error !== undefined) return error;
  if (timeline === undefined) return 'loading …';
  if (total === 0) return 'It has not begun, or its history is gone.';
  if (drawn < total) {
    return `The first ${drawn.toLocaleString('en')} of ${total.toLocaleString('en')} events; its own page has all.`;
  }
  return undefined;
}

/** When anything of all that is shown ran: for `timeScale`. */
export function busyRows(
  timeline: Timeline,
  open: ReadonlyMap<string, OpenChild>,
): readonly Interval[] {
  const children = [...open.values()].flatMap((child) => child.timeline ?? []);
  return [timeline, ...children].flatMap(busyIntervals);
}
