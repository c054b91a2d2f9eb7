/**
 * host.json in its two layouts: `version: "2.0"` with everything under `extensions`, and that of Functions 1.x, where
 * `durableTask`, `http` and `queues` stand at the top. Mirrors HostJsonFileConfigurationSource of the Functions host.
 */
import type { Findings } from './config-error.ts';
import {
  describeNode,
  emptySection,
  findSection,
  findSetting,
  mergeSections,
  type SettingsNode,
  type SettingsSection,
} from './settings-node.ts';
import { describePlace } from './setting-tree.ts';

export interface HostJson {
  readonly layout: 'v1' | 'v2';
  readonly root: SettingsSection;
  readonly durableTask: SettingsSection;
  readonly http: SettingsSection | undefined;
  readonly queues: SettingsSection | undefined;
  readonly blobs: SettingsSection | undefined;
  readonly logLevels: LogLevels;
}

type HostLogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

/** Category (or the beginning of one; `default` for all) → lowest level that is logged. Only what is configured. */
export type LogLevels = Readonly<Record<string, HostLogLevel>>;

const LOG_LEVELS: readonly HostLogLevel[] = [
  'trace',
  'debug',
  'information',
  'warning',
  'error',
  'critical',
  'none',
];

/** Top-level names that exist in Functions 1.x only. */
const V1_ONLY = [
  'durableTask',
  'http',
  'queues',
  'aggregator',
  'applicationInsights',
  'documentDB',
  'eventHub',
  'healthMonitor',
  'id',
  'logger',
  'sendGrid',
  'serviceBus',
  'tracing',
];

const HELP = 'See https://aka.ms/functions-hostjson';

export interface OpenHostJsonRequest {
  /** The content of host.json, which decides on the layout; undefined when there is no such file. */
  readonly file: SettingsSection | undefined;
  /** The same with the overrides of the environment, for everything else. */
  readonly root: SettingsSection;
  readonly findings: Findings;
}

export function openHostJson({ file, root, findings }: OpenHostJsonRequest): HostJson {
  const layout = file === undefined ? 'v2' : layoutOf(file, findings);
  const extensions = findSection(root, 'extensions');
  const section = (name: string): SettingsSection | undefined =>
    layout === 'v1'
      ? merged(findSection(root, name), findExtension(extensions, name))
      : findExtension(extensions, name);
  if (layout === 'v2') {
    reportMisplaced(findSetting(root, 'durableTask'), findings);
  } else {
    reportNoObject(findSetting(root, 'durableTask'), findings);
  }
  reportNoObject(findSetting(root, 'extensions.durableTask'), findings);
  return {
    layout,
    root,
    durableTask: section('durableTask') ?? emptySection(root.origin),
    http: section('http'),
    queues: section('queues'),
    blobs: section('blobs'),
    logLevels: {
      ...(layout === 'v1' ? v1LogLevels(root, findings) : {}),
      ...logLevels(root, findings),
    },
  };
}

function layoutOf(file: SettingsSection, findings: Findings): 'v1' | 'v2' {
  const version = findSetting(file, 'version');
  if (version?.kind === 'value' && version.text === '2.0') {
    return 'v2';
  }
  if (version !== undefined) {
    findings.problems.push({
      ...version.origin,
      value: describeNode(version),
      message:
        `${describeNode(version)} is an invalid value for host.json 'version' property. We recommend you set the 'version' property to '2.0'. ` +
        `This does not correspond to the function runtime version, only to the schema version of the host.json file. ${HELP} for more information on this configuration file.`,
    });
    return 'v2';
  }
  if (V1_ONLY.some((name) => findSetting(file, name) !== undefined)) {
    return 'v1';
  }
  if (file.members.size === 0) {
    findings.notices.push(`${file.origin.file} is empty; read as {"version": "2.0"}.`);
  } else {
    findings.problems.push({
      file: file.origin.file,
      path: '',
      message: `The host.json file is missing the required 'version' property. ${HELP} for steps to migrate the configuration file.`,
    });
  }
  return 'v2';
}

function findExtension(
  extensions: SettingsSection | undefined,
  name: string,
): SettingsSection | undefined {
  return extensions === undefined ? undefined : findSection(extensions, name);
}

function merged(
  base: SettingsSection | undefined,
  over: SettingsSection | undefined,
): SettingsSection | undefined {
  return base !== undefined && over !== undefined ? mergeSections(base, over) : (over ?? base);
}

function reportMisplaced(durableTask: SettingsNode | undefined, findings: Findings): void {
  if (durableTask !== undefined) {
    findings.notices.push(
      `${describePlace(durableTask)} is ignored: with "version": "2.0" these settings belong under 'extensions.durableTask'.`,
    );
  }
}

function reportNoObject(node: SettingsNode | undefined, findings: Findings): void {
  if (node?.kind === 'value' || node?.isList === true) {
    findings.problems.push({
      ...node.origin,
      value: describeNode(node),
      message: `'durableTask' must be an object with settings.`,
    });
  }
}

function logLevels(root: SettingsSection, findings: Findings): LogLevels {
  const section = findSection(root, 'logging.logLevel');
  return section === undefined ? {} : readLevels(section, '', findings);
}

/** `logger.categoryFilter` of Functions 1.x. */
function v1LogLevels(root: SettingsSection, findings: Findings): LogLevels {
  const filter = findSection(root, 'logger.categoryFilter');
  const byDefault = filter === undefined ? undefined : findSetting(filter, 'defaultLevel');
  const categories = filter === undefined ? undefined : findSection(filter, 'categoryLevels');
  return {
    ...(byDefault === undefined ? {} : readLevel('default', byDefault, findings)),
    ...(categories === undefined ? {} : readLevels(categories, '', findings)),
  };
}

/** A category given by an environment variable may be nested: `…__logLevel__Host__Results` is `Host.Results`. */
function readLevels(section: SettingsSection, prefix: string, findings: Findings): LogLevels {
  return Object.assign(
    {},
    ...[...section.members.values()].map(({ name, node }) => {
      const category = `${prefix}${name}`;
      return node.kind === 'section'
        ? readLevels(node, `${category}.`, findings)
        : readLevel(category.toLowerCase() === 'default' ? 'default' : category, node, findings);
    }),
  ) as LogLevels;
}

function readLevel(category: string, node: SettingsNode, findings: Findings): LogLevels {
  const written = node.kind === 'value' ? node.text.trim().toLowerCase() : '';
  const level = LOG_LEVELS.find((candidate) => candidate === written);
  if (level !== undefined) {
    return { [category]: level };
  }
  findings.problems.push({
    ...node.origin,
    value: describeNode(node),
    message: `The log level of '${category}' must be one of Trace, Debug, Information, Warning, Error, Critical, None.`,
  });
  return {};
}
