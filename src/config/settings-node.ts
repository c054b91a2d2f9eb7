/**
 * host.json as the .NET host sees it after loading: a tree of texts under case-insensitive names, to which environment
 * variables may add. Each node knows where it came from, so that a problem can name the file, the line and the spelling.
 */
import type { JsonMember, JsonNode } from './json-with-comments.ts';

export interface Origin {
  /** Path of the file; `environment` for an environment variable. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** As spelled there. */
  readonly path: string;
}

export interface SettingsValue {
  readonly kind: 'value';
  /** The content of a string, a number as spelled, `true` or `false`. */
  readonly text: string;
  readonly origin: Origin;
}

export interface SettingsSection {
  readonly kind: 'section';
  readonly isList: boolean;
  /** By lower-cased name; the elements of a list by index. In the order of the file. */
  readonly members: ReadonlyMap<string, SettingsMember>;
  readonly origin: Origin;
}

interface SettingsMember {
  /** As spelled. */
  readonly name: string;
  readonly node: SettingsNode;
}

export type SettingsNode = SettingsValue | SettingsSection;

/** undefined for `null`, which means: not set. Of two members whose names differ in case only, the last one counts. */
export function toSettings(json: JsonNode, file: string, path = ''): SettingsNode | undefined {
  const origin: Origin = { file, path, line: json.line, column: json.column };
  switch (json.kind) {
    case 'null':
      return undefined;
    case 'string':
      return { kind: 'value', text: json.value, origin };
    case 'number':
      return { kind: 'value', text: json.text, origin };
    case 'boolean':
      return { kind: 'value', text: String(json.value), origin };
    case 'array':
      return {
        kind: 'section',
        isList: true,
        members: toMembers(
          json.items.map((value, index) => ({ name: String(index), value })),
          (name) => toSettingsPath(path, `[${name}]`),
          file,
        ),
        origin,
      };
    case 'object':
      return {
        kind: 'section',
        isList: false,
        members: toMembers(json.members, (name) => toSettingsPath(path, name), file),
        origin,
      };
  }
}

export function emptySection(origin: Origin): SettingsSection {
  return { kind: 'section', isList: false, members: new Map(), origin };
}

/** `path` is written with dots; names are compared without case. */
export function findSetting(section: SettingsSection, path: string): SettingsNode | undefined {
  let node: SettingsNode | undefined = section;
  for (const name of path.split('.')) {
    node = node?.kind === 'section' ? node.members.get(name.toLowerCase())?.node : undefined;
  }
  return node;
}

export function findSection(section: SettingsSection, path: string): SettingsSection | undefined {
  const node = findSetting(section, path);
  return node?.kind === 'section' ? node : undefined;
}

/**
 * The tree with one value set at `names`, sections made as needed. A section is not replaced by a value: configuration
 * allows both under one name, and nothing reads the value.
 */
export function withSetting(
  section: SettingsSection,
  names: readonly string[],
  value: SettingsValue,
): SettingsSection {
  const [name, ...rest] = names;
  if (name === undefined) {
    return section;
  }
  const current = section.members.get(name.toLowerCase());
  if (rest.length === 0 && current?.node.kind === 'section') {
    return section;
  }
  const inner = current?.node.kind === 'section' ? current.node : emptySection(value.origin);
  const node = rest.length === 0 ? value : withSetting(inner, rest, value);
  const members = new Map(section.members);
  members.set(name.toLowerCase(), { name: current?.name ?? name, node });
  return { ...section, members };
}

/** The members of both; where both have a value, that of `over` counts. */
export function mergeSections(base: SettingsSection, over: SettingsSection): SettingsSection {
  const members = new Map(base.members);
  for (const [key, member] of over.members) {
    const current = members.get(key)?.node;
    const node =
      current?.kind === 'section' && member.node.kind === 'section'
        ? mergeSections(current, member.node)
        : member.node;
    members.set(key, { name: member.name, node });
  }
  return { ...base, members };
}

/** How a node is shown in a message: the text of a value in quotes, a section by its brackets. Long values are cut. */
export function describeNode(node: SettingsNode): string {
  if (node.kind === 'section') {
    return node.isList ? '[…]' : '{…}';
  }
  return `'${node.text.length > 100 ? `${node.text.slice(0, 100)}…` : node.text}'`;
}

function toMembers(
  members: readonly JsonMember[],
  pathOf: (name: string) => string,
  file: string,
): ReadonlyMap<string, SettingsMember> {
  const result = new Map<string, SettingsMember>();
  for (const { name, value } of members) {
    const node = toSettings(value, file, pathOf(name));
    if (node !== undefined) {
      result.set(name.toLowerCase(), { name, node });
    }
  }
  return result;
}

function toSettingsPath(parent: string, name: string): string {
  return parent === '' || name.startsWith('[') ? `${parent}${name}` : `${parent}.${name}`;
}
