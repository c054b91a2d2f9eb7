/**
 * Which log records are shown: the longest category prefix of host.json `logging.logLevel` decides, then the defaults of
 * `func start`. Mirrors LoggingFilterHelper and Utilities.IsSystemLogCategory of Core Tools.
 */
import { LOG_LEVELS, type LogLevel, type LogRecord } from './log.ts';

/** Category prefix → lowest level shown; `default` stands for every category. Keys compare case-insensitively. */
type LogLevelRules = Readonly<Record<string, LogLevel | 'none'>>;

export interface CategoryFilterOptions {
  /** host.json `logging.logLevel`. @default {} */
  readonly rules?: LogLevelRules;
  /** Shows what the host says about itself at level debug, where no rule says otherwise. @default false */
  readonly verbose?: boolean;
}

export type CategoryFilter = (record: Pick<LogRecord, 'category' | 'level'>) => boolean;

/** `Function.<name>` (one run: Executing, Executed) and `Function.<name>.User` (what user code logs). */
const FUNCTION_CATEGORY = /^Function\./i;

export function createCategoryFilter(options: CategoryFilterOptions = {}): CategoryFilter {
  const rules = Object.entries(options.rules ?? {}).map(
    ([prefix, level]) => [prefix.toLowerCase(), level] as const,
  );
  const longestFirst = rules
    .filter(([prefix]) => prefix !== 'default')
    .sort(([a], [b]) => b.length - a.length);
  const byDefault = rules.find(([prefix]) => prefix === 'default')?.[1];

  return ({ category, level }) => {
    const name = category.toLowerCase();
    const rule = longestFirst.find(([prefix]) => isPrefix(prefix, name))?.[1];
    return isAtLeast(level, rule ?? byDefault ?? defaultLevel(category, options.verbose ?? false));
  };
}

function defaultLevel(category: string, verbose: boolean): LogLevel {
  if (verbose) return 'debug';
  return FUNCTION_CATEGORY.test(category) ? 'information' : 'warning';
}

/** Whole segments only: `Function.Say` is no prefix of `Function.SayHello`. */
function isPrefix(prefix: string, category: string): boolean {
  return category === prefix || category.startsWith(`${prefix}.`);
}

function isAtLeast(level: LogLevel, lowest: LogLevel | 'none'): boolean {
  return lowest !== 'none' && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(lowest);
}
