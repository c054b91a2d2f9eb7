/**
 * Declared settings, grouped as the configuration groups their values, and the reading of a section by them: values for what
 * is right, problems for what is wrong, notices for what is right but does nothing.
 */
import type { Findings } from './config-error.ts';
import { findDeclared, type Setting, type SettingContext } from './setting.ts';
import { describeNode, type SettingsNode, type SettingsSection } from './settings-node.ts';

export interface SettingTree {
  readonly [name: string]: Setting<unknown> | SettingTree;
}

/** The type of what a tree of settings yields. */
export type ValuesOf<Tree> = {
  readonly [Name in keyof Tree]: Tree[Name] extends Setting<infer T> ? T : ValuesOf<Tree[Name]>;
};

export interface ReadRequest {
  /** undefined: everything has its default. */
  readonly section: SettingsSection | undefined;
  readonly context: SettingContext;
  readonly findings: Findings;
}

/** Wrong values are reported, and have their default in the result. */
export function readSettings<Tree extends SettingTree>(
  tree: Tree,
  request: ReadRequest,
): ValuesOf<Tree> {
  const values = Object.entries(tree).map(([name, entry]) => [
    name,
    isSetting(entry) ? readSetting(entry, request) : readSettings(entry, request),
  ]);
  return Object.fromEntries(values) as ValuesOf<Tree>;
}

export function flatten(tree: SettingTree): readonly Setting<unknown>[] {
  return Object.values(tree).flatMap((entry) => (isSetting(entry) ? [entry] : flatten(entry)));
}

/** `extensions.durableTask.useAppLease = 'true'`, with the place. */
export function describePlace({ origin }: SettingsNode): string {
  return origin.line === undefined
    ? `${origin.file}: ${origin.path}`
    : `${origin.file}:${origin.line}: ${origin.path}`;
}

function readSetting<T>(setting: Setting<T>, { section, context, findings }: ReadRequest): T {
  const [found, ...others] = section === undefined ? [] : findDeclared(section, setting);
  if (found === undefined) {
    return setting.defaultFor(context);
  }
  const { node, path } = found;
  const notice = (text: string): number =>
    findings.notices.push(`${describePlace(node)} = ${describeNode(node)}: ${text}`);
  for (const other of others) {
    findings.notices.push(`${describePlace(other.node)} is ignored: '${node.origin.path}' is set.`);
  }
  const parsed = setting.parse(node, context);
  const caution = setting.caution(node);
  if (parsed === undefined) {
    const hint = caution === undefined ? '' : ` Mind that ${caution}.`;
    findings.problems.push({
      ...node.origin,
      value: describeNode(node),
      message: setting.explain(node) ?? `${nameOf(setting)} must be ${setting.expected}.${hint}`,
    });
    return setting.defaultFor(context);
  }
  if (setting.instead !== undefined && parsed.value !== setting.harmlessValue) {
    // Once for a group such as eventGrid, whose settings have one answer.
    const answer = `this setting has no effect in this version; ${setting.instead}.`;
    if (!findings.notices.some((line) => line.endsWith(answer))) {
      notice(answer);
    }
  } else if (context.layout === 'v2' && setting.v1Names.includes(path)) {
    notice(`this is the name of extension 1.x, which later ones ignore; write '${setting.path}'.`);
  }
  if (caution !== undefined) {
    notice(`${caution}.`);
  }
  return parsed.value;
}

/** The name of the .NET option, as the .NET extension prints it: PartitionCount. */
function nameOf(setting: Setting<unknown>): string {
  const name = setting.path.slice(setting.path.lastIndexOf('.') + 1);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function isSetting(entry: Setting<unknown> | SettingTree): entry is Setting<unknown> {
  return entry.kind === 'setting';
}
