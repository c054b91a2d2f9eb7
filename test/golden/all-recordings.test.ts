import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { RecordedRow } from './recordings.ts';
import { ownColumns } from './recordings.ts';
import { asWeWrite, recodedHistoryRow, recodedInstanceRow, recodedMessage } from './round-trip.ts';

// The complete recordings are too large for the repository; they may lie beside the checkout.
const FOLDER = join(import.meta.dirname, '../../../shared');
const RECORDINGS = ['golden', 'golden-3.19'];
const HUBS = [
  ...RECORDINGS.flatMap((name) =>
    ['A/legacy-manager', 'A/not-started', 'A/safe-manager', 'A/table-manager', 'B/hub'].map((hub) =>
      join(name, hub),
    ),
  ),
  ...['restart/hub', 'restart/hub-after-disabled', 'restart/hub-version', 'trace/hub'].map((hub) =>
    join('golden-3.19', hub),
  ),
];
const isThere = RECORDINGS.every((name) => existsSync(join(FOLDER, name)));
if (!isThere) {
  process.stderr.write(`SKIPPED: all recordings of .NET hubs (there is no ${FOLDER})\n`);
}

describe.skipIf(!isThere)('all recordings of .NET hubs', () => {
  it('queue messages decode and encode to themselves, byte for byte', () => {
    const texts = [...HUBS.flatMap(queuedTexts), ...sentTexts()].filter(isWhole);

    expect(texts.length).toBeGreaterThan(100);
    expect(texts.map(recodedMessage)).toEqual(texts.map(asWeWrite));
  });

  it('history rows decode and encode to themselves, but for what a rewind left behind', async () => {
    const rows = [
      ...HUBS.flatMap((hub) => readJson(hub, 'History.json') as RecordedRow[]),
      ...sentHistoryRows(),
    ].filter((row) => !wasRewound(row));

    expect(rows.length).toBeGreaterThan(800);
    expect(await Promise.all(rows.map(recodedHistoryRow))).toEqual(rows.map(ownColumns));
  });

  it('instance rows decode and encode to themselves', () => {
    const rows = HUBS.flatMap((hub) => readJson(hub, 'Instances.json') as RecordedRow[]);

    expect(rows.map(recodedInstanceRow)).toEqual(
      rows.map((row) => ({ CustomStatus: 'null', ...ownColumns(row) })),
    );
  });
});

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(FOLDER, ...path), 'utf8'));
}

function queuedTexts(hub: string): string[] {
  const queues = readJson(hub, 'queues.json') as Record<string, { MessageText: string }[]>;
  return Object.values(queues).flatMap((messages) =>
    messages.map((message) => message.MessageText),
  );
}

function requestBodies(): string[] {
  const wires = ['golden/B', 'golden-3.19/B', 'golden-3.19/restart', 'golden-3.19/trace'];
  const lines = wires.flatMap((wire) =>
    readFileSync(join(FOLDER, wire, 'wire.jsonl'), 'utf8')
      .trimEnd()
      .split('\n'),
  );
  return lines.map((line) => (JSON.parse(line) as { reqBody?: string }).reqBody ?? '');
}

function sentTexts(): string[] {
  return requestBodies().flatMap((body) => {
    const text = /<MessageText>([^]*?)<\/MessageText>/.exec(body)?.[1];
    return text === undefined ? [] : [unescapeXml(text)];
  });
}

function sentHistoryRows(): RecordedRow[] {
  return requestBodies()
    .flatMap((body) => body.split(/\r?\n/))
    .filter((line) => line.startsWith('{') && line.includes('"EventType":') && isWhole(line))
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as RecordedRow] : []));
}

/** The recorder cut long bodies in the middle. */
function isWhole(text: string): boolean {
  return !/…\[\d+ chars\]…/.test(text);
}

function wasRewound(row: RecordedRow): boolean {
  return (
    (row['EventType'] === 'GenericEvent' && row['Data'] === undefined) ||
    String(row['Reason']).startsWith('Rewound: ')
  );
}

function unescapeXml(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');
}
