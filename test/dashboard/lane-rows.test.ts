import { describe, expect, it } from 'vitest';
import { laneRows, MAX_DEPTH, type OpenChild } from '../../src/dashboard/instance/lane-rows.ts';
import type { Lane, Timeline } from '../../src/dashboard/instance/timeline.ts';

function lane(label: string, instanceId?: string): Lane {
  const kind = instanceId === undefined ? 'activity' : 'child';
  const shared = { index: 1, kind, label, spans: [], state: 'done', tries: 1 } as const;
  return instanceId === undefined ? shared : { ...shared, instanceId };
}

function timeline(...lanes: readonly Lane[]): Timeline {
  return { whole: { fromMs: 0, toMs: 1 }, lanes };
}

function open(timelineOfIt: Timeline | undefined, total = 1, drawn = 1): OpenChild {
  return { timeline: timelineOfIt, total, drawn };
}

function brief(of: Timeline, children: ReadonlyMap<string, OpenChild>): readonly string[] {
  return laneRows(of, children).map(
    ({ depth, lane: shown, note, isOpen }) =>
      `${'  '.repeat(depth)}${isOpen === true ? 'v ' : isOpen === false ? '> ' : ''}${shown?.label ?? note ?? ''}`,
  );
}

describe('the rows of a time line', () => {
  it('has the lanes of a child below it when it is open', () => {
    const of = timeline(lane('A'), lane('Child', 'c'), lane('Other', 'o'), lane('B'));

    expect(brief(of, new Map())).toEqual(['A', '> Child', '> Other', 'B']);
    expect(brief(of, new Map([['c', open(timeline(lane('Inner'), lane('Deep', 'd')))]]))).toEqual([
      'A',
      'v Child',
      '  Inner',
      '  > Deep',
      '> Other',
      'B',
    ]);
  });

  it('says what is not there: yet, any more, or all of it', () => {
    const of = timeline(lane('Child', 'c'));
    const note = (child: OpenChild) => brief(of, new Map([['c', child]]))[1];

    expect(note(open(undefined))).toBe('  loading …');
    expect(note(open(timeline(), 0, 0))).toBe('  It has not begun, or its history is gone.');
    expect(note({ ...open(undefined), error: 'no' })).toBe('  no');
    expect(brief(of, new Map([['c', open(timeline(lane('X')), 5_000, 1_000)]]))).toEqual([
      'v Child',
      '  X',
      '  The first 1,000 of 5,000 events; its own page has all.',
    ]);
  });

  it('ends where a child is below itself', () => {
    const loop = timeline(lane('Child', 'c'));

    expect(laneRows(loop, new Map([['c', open(loop)]]))).toHaveLength(MAX_DEPTH + 1);
  });

  it('gives each row a key of its own', () => {
    const of = timeline({ ...lane('One', 'c'), index: 1 }, { ...lane('Two', 'c'), index: 2 });
    const rows = laneRows(of, new Map([['c', open(timeline(lane('X')), 9, 1)]]));

    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });
});
