/** The settings of host.json outside `durableTask` that this host honours. Others are ignored, as the .NET host does. */
import { isLoneNumber, parseTimeSpan } from '../base/timespan.ts';
import {
  choice,
  flag,
  integer,
  optionalTextList,
  text,
  textOf,
  timeSpan,
} from './setting-kinds.ts';
import { declare, type Setting } from './setting.ts';
import type { SettingsNode } from './settings-node.ts';

const DEFAULT_TIMEOUT_MS = 30 * 60_000;
const CONSUMPTION_TIMEOUT_MS = 5 * 60_000;

/** undefined: no limit, written `-1`. */
const functionTimeout: Setting<number | undefined> = declare<number | undefined>(
  {
    path: 'functionTimeout',
    default: {
      text: '00:30:00 (consumption plan: 00:05:00)',
      of: ({ plan }) => (plan === 'consumption' ? CONSUMPTION_TIMEOUT_MS : DEFAULT_TIMEOUT_MS),
    },
    doc: 'How long a function may run; -1 for no limit.',
  },
  {
    expected: "a TimeSpan 'hh:mm:ss' of at least 00:00:01, or -1 for no limit",
    show: String,
    parse: (node) => {
      const written = textOf(node)?.trim() ?? '';
      if (written === '-1') {
        return { value: undefined };
      }
      const ms = parseTimeSpan(written);
      return ms === undefined || ms < 1000 ? undefined : { value: ms };
    },
  },
);

const customHeaders: Setting<Readonly<Record<string, string>>> = declare<
  Readonly<Record<string, string>>
>(
  { path: 'customHeaders', default: {}, doc: 'Headers that every HTTP response gets.' },
  { expected: 'an object of strings', show: () => '', parse: parseTextMap },
);

/** host.json of Functions 1.x says it in milliseconds. */
const maxPollingInterval = timeSpan({
  path: 'maxPollingInterval',
  default: {
    text: '00:00:02 (outside the Development environment: 00:01:00)',
    of: ({ isDevelopment }) => (isDevelopment ? 2_000 : 60_000),
  },
  min: '00:00:00.100',
  max: '24.00:00:00',
  doc: 'The longest pause between two looks into an idle queue.',
});

export const rootSettings = {
  functionTimeoutMs: functionTimeout,
  functionsAllowList: optionalTextList({
    path: 'functions',
    doc: 'The only functions that are loaded.',
  }),
  isFileWatchingEnabled: flag({
    path: 'fileWatchingEnabled',
    default: true,
    doc: 'Whether `func start` restarts the app when its files change.',
  }),
  watchDirectories: optionalTextList({
    path: 'watchDirectories',
    doc: 'Folders of the app in which every file counts as one of the app.',
  }),
  watchFiles: optionalTextList({
    path: 'watchFiles',
    doc: 'Names of further files that restart the app when they change.',
  }),
};

export const httpSettings = {
  routePrefix: text({
    path: 'routePrefix',
    default: 'api',
    doc: 'First part of the URLs of HTTP functions.',
  }),
  customHeaders,
};

export const queueSettings = {
  maxPollingIntervalMs: {
    ...maxPollingInterval,
    parse: (node, context) =>
      context.layout === 'v1' && isLoneNumber(textOf(node) ?? '')
        ? { value: Number(textOf(node)) }
        : maxPollingInterval.parse(node, context),
    caution: () => undefined,
  } satisfies Setting<number>,
  visibilityTimeoutMs: timeSpan({
    path: 'visibilityTimeout',
    default: '00:00:00',
    min: '00:00:00',
    max: '7.00:00:00',
    doc: 'How long a message stays hidden after a failed run.',
  }),
  batchSize: integer({
    path: 'batchSize',
    default: 16,
    min: 1,
    max: 32,
    doc: 'Messages fetched at a time.',
  }),
  maxDequeueCount: integer({
    path: 'maxDequeueCount',
    default: 5,
    min: 1,
    doc: 'Tries before a message goes to the poison queue.',
  }),
  /** -1: half of batchSize. */
  newBatchThreshold: integer({
    path: 'newBatchThreshold',
    default: { text: 'half of batchSize', of: () => -1 },
    min: 0,
    doc: 'Messages in work at which the next batch is fetched.',
  }),
  messageEncoding: choice({
    path: 'messageEncoding',
    values: ['base64', 'none'],
    default: 'base64',
    doc: 'How messages are written in the queue.',
  }),
};

/** Names of the storage extension, version 5. */
export const blobSettings = {
  maxDegreeOfParallelism: integer({
    path: 'maxDegreeOfParallelism',
    default: 8,
    min: 1,
    doc: 'Blobs in work at a time.',
  }),
  poisonBlobThreshold: integer({
    path: 'poisonBlobThreshold',
    default: 5,
    min: 1,
    doc: 'Tries before a blob goes to the poison queue.',
  }),
};

function parseTextMap(
  node: SettingsNode,
): { readonly value: Readonly<Record<string, string>> } | undefined {
  if (node.kind === 'value' || node.isList) {
    return undefined;
  }
  const entries: [string, string][] = [];
  for (const { name, node: member } of node.members.values()) {
    const value = textOf(member);
    if (value === undefined) {
      return undefined;
    }
    entries.push([name, value]);
  }
  return { value: Object.fromEntries(entries) };
}
