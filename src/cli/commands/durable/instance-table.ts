/** A list of instances for people: a row for each, no wider than the terminal unless the ids are, which stay whole: they are copied. */
import { isTerminal, type InstanceRecord } from '../../../core/instance-status.ts';
import { painted, type Output } from '../../output.ts';
import { durationText } from './duration-text.ts';
import type { InstanceList } from './instance-list.ts';
import { colorOfStatus } from './status-color.ts';

type Row = readonly [id: string, name: string, status: string, created: string, took: string];

const HEAD: Row = ['INSTANCE', 'NAME', 'STATUS', 'CREATED (UTC)', 'TOOK'];
/** The widths of the columns follow from so many rows. */
const ROWS_AT_ONCE = 100;
const GAP = '  ';

/** @param say takes each line. */
export function instanceTable(output: Output, say: (line: string) => void): InstanceList {
  let rows: Row[] = [];
  let widths: readonly number[] | undefined;
  const flush = (): void => {
    if (widths === undefined) {
      widths = widthsOf([HEAD, ...rows], output.columns ?? Infinity);
      say(rowText(HEAD, widths, (status) => status));
    }
    for (const row of rows) {
      say(rowText(row, widths, (status) => painted(output, colorOfStatus(row[2]), status)));
    }
    rows = [];
  };
  return {
    showsPayloads: false,
    add(record) {
      rows.push(rowOf(record));
      if (rows.length === ROWS_AT_ONCE) flush();
      return Promise.resolve();
    },
    end(continuationToken) {
      if (rows.length === 0 && widths === undefined) say('There are no such instances.');
      else flush();
      if (continuationToken !== undefined) {
        say(
          `There are more: --top shows more at once, --continuation-token '${continuationToken}' those.`,
        );
      }
      return Promise.resolve();
    },
  };
}

function rowOf(record: InstanceRecord): Row {
  const { instanceId, name, runtimeStatus, createdTime, lastUpdatedTime } = record;
  const endedAtMs = isTerminal(runtimeStatus) ? Date.parse(lastUpdatedTime) : Date.now();
  return [
    instanceId,
    name,
    runtimeStatus,
    createdTime.slice(0, 19).replace('T', ' '),
    durationText(endedAtMs - Date.parse(createdTime)),
  ];
}

/** Names are not shortened below it. */
const NAME_WIDTH = 12;
/** Instance, name and status. */
const LEAST_COLUMNS = 3;

/**
 * The longest texts. Where the terminal is too narrow for them names are shortened; when that is not enough, the last columns go.
 * @returns of the columns that are shown.
 */
function widthsOf(rows: readonly Row[], columns: number): readonly number[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [id = 0, name = 0, ...others] = widths;
  const leastName = Math.min(name, NAME_WIDTH);
  for (;;) {
    // A row that fills the last column of a terminal begins a new line on some.
    const roomForName =
      columns -
      1 -
      [id, 0, ...others].reduce((sum, width) => sum + GAP.length + width, -GAP.length);
    if (roomForName >= leastName || others.length + 2 === LEAST_COLUMNS) {
      return [id, Math.max(leastName, Math.min(name, roomForName)), ...others];
    }
    others.pop();
  }
}

function rowText(
  row: Row,
  widths: readonly number[],
  paintStatus: (text: string) => string,
): string {
  const cells = widths.map((width, column) =>
    column === 0 ? row[0].padEnd(width) : shortened(row[column] ?? '', width),
  );
  cells[2] = paintStatus(cells[2] ?? '');
  return cells.join(GAP).trimEnd();
}

function shortened(text: string, width: number): string {
  return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);
}
