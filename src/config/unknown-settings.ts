/**
 * Settings of durableTask that nobody reads: a misspelled or misplaced name silently does nothing in the .NET extension. It
 * is a notice here and not a problem, because a newer extension may know the name.
 */
import type { Findings } from './config-error.ts';
import { nearestName } from './nearest-name.ts';
import { describePlace, flatten, type SettingTree } from './setting-tree.ts';
import { describeNode, type SettingsSection } from './settings-node.ts';

/** @param isForeign whether a path, in lower case, is a setting of something else that was reported already. @default none is */
export function reportUnknownSettings(
  section: SettingsSection,
  tree: SettingTree,
  findings: Findings,
  isForeign: (path: string) => boolean = () => false,
): void {
  const settings = flatten(tree);
  const paths = settings.map((setting) => setting.path);
  const known = settings.flatMap((setting) => [
    setting.path,
    ...setting.oldNames,
    ...setting.v1Names,
  ]);
  const knownKeys = new Set(known.map((path) => path.toLowerCase()));
  const sectionKeys = new Set(known.flatMap(parentsOf));

  const walk = (current: SettingsSection, prefix: string): void => {
    for (const [key, { name, node }] of current.members) {
      const path = `${prefix}${key}`;
      if (knownKeys.has(path) || isForeign(path)) {
        continue;
      }
      if (!sectionKeys.has(path)) {
        const nearest = nearestName(`${prefix}${name}`, paths);
        const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
        findings.notices.push(
          `${describePlace(node)}: unknown setting of durableTask, ignored.${hint}`,
        );
      } else if (node.kind === 'section' && !node.isList) {
        walk(node, `${path}.`);
      } else {
        findings.problems.push({
          ...node.origin,
          value: describeNode(node),
          message: `'${name}' must be an object with settings.`,
        });
      }
    }
  };
  walk(section, '');
}

/** `a.b.c` → `a`, `a.b`. */
function parentsOf(path: string): readonly string[] {
  const names = path.toLowerCase().split('.');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'));
}
