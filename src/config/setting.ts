/**
 * How one setting is declared: once, with path, type, range, default and documentation. From the declarations come the
 * parser, the type of the configuration, the texts of problems and notices, and the table in docs/settings.md.
 */
import { findSetting, type SettingsNode, type SettingsSection } from './settings-node.ts';

/** What defaults may depend on. */
export interface SettingContext {
  readonly cpuCount: number;
  /** `WEBSITE_SKU` says so; everything else, also outside Azure, is `dedicated`. */
  readonly plan: 'consumption' | 'flexConsumption' | 'dedicated';
  /** False where `AZURE_FUNCTIONS_ENVIRONMENT` names another environment. */
  readonly isDevelopment: boolean;
  readonly layout: 'v1' | 'v2';
}

export interface Setting<out T> {
  readonly kind: 'setting';
  /** With dots, under the section that is read. */
  readonly path: string;
  /** Older names under the same section, which every version still reads. */
  readonly oldNames: readonly string[];
  /** Flat names of the 1.x extension, which later versions of the .NET extension ignore. */
  readonly v1Names: readonly string[];
  /** Completes the sentence `PartitionCount must be …`. */
  readonly expected: string;
  readonly defaultText: string;
  readonly doc: string;
  /** False when the setting is known and checked, but this version does something fixed instead. */
  readonly effective: boolean;
  /** What that is; undefined when nobody would see a difference. */
  readonly instead: string | undefined;
  /** The value that describes what an ineffective setting gets anyway. */
  readonly harmlessValue: T | undefined;
  readonly defaultFor: (context: SettingContext) => T;
  /** undefined when the node does not fit `expected`. */
  readonly parse: (
    node: SettingsNode,
    context: SettingContext,
  ) => { readonly value: T } | undefined;
  /** A better sentence than `expected` for some wrong values. */
  readonly explain: (node: SettingsNode) => string | undefined;
  /** A right value that is probably not what was meant. */
  readonly caution: (node: SettingsNode) => string | undefined;
}

export interface ComputedDefault<T> {
  readonly text: string;
  readonly of: (context: SettingContext) => T;
}

export interface Declaration<T> {
  readonly path: string;
  readonly doc: string;
  readonly default: T | ComputedDefault<T>;
  readonly oldNames?: readonly string[];
  readonly v1Names?: readonly string[];
  /** It is known and checked, and something fixed is done instead: `unseen` when nobody would see a difference. */
  readonly ineffective?:
    { readonly instead: string; readonly harmlessValue?: NoInfer<T> } | 'unseen';
}

export type OptionalDeclaration<T> = Omit<Declaration<T>, 'default'>;

/** What the settings of one kind have in common (setting-kinds.ts). */
export interface Kind<T> {
  readonly expected: string;
  readonly show: (value: T) => string;
  readonly parse: Setting<T>['parse'];
  readonly explain?: Setting<T>['explain'];
  readonly caution?: Setting<T>['caution'];
}

export function declare<T>(declaration: Declaration<T>, kind: Kind<T>): Setting<T> {
  const standard = declaration.default;
  const isComputed = isComputedDefault(standard);
  const { ineffective } = declaration;
  const seen = ineffective === 'unseen' ? undefined : ineffective;
  return {
    kind: 'setting',
    path: declaration.path,
    oldNames: declaration.oldNames ?? [],
    v1Names: declaration.v1Names ?? [],
    expected: kind.expected,
    defaultText: isComputed ? standard.text : kind.show(standard),
    doc: declaration.doc,
    effective: ineffective === undefined,
    instead: seen?.instead,
    harmlessValue: seen?.harmlessValue,
    defaultFor: isComputed ? standard.of : () => standard,
    parse: kind.parse,
    explain: kind.explain ?? (() => undefined),
    caution: kind.caution ?? (() => undefined),
  };
}

/** `path`, an old name or a 1.x name, in this order: the nodes that are set. */
export function findDeclared(
  section: SettingsSection,
  setting: Setting<unknown>,
): readonly { readonly path: string; readonly node: SettingsNode }[] {
  return [setting.path, ...setting.oldNames, ...setting.v1Names].flatMap((path) => {
    const node = findSetting(section, path);
    return node === undefined ? [] : [{ path, node }];
  });
}

function isComputedDefault<T>(value: T | ComputedDefault<T>): value is ComputedDefault<T> {
  return typeof value === 'object' && value !== null && 'of' in value;
}
