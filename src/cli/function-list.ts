/**
 * The `Functions:` block of `func start`: HTTP functions with their URLs first, then the others, then the disabled ones, each
 * group sorted by name. Mirrors DisplayFunctionsInfo of Core Tools.
 */
import type { FunctionSummary } from '../host/function-summary.ts';

export function functionListLines(functions: readonly FunctionSummary[]): readonly string[] {
  const sorted = [...functions].sort((a, b) => compareIgnoringCase(a.name, b.name));
  const enabled = sorted.filter((entry) => !entry.isDisabled);
  const withUrl = enabled.filter((entry) => entry.http !== undefined);
  const others = enabled.filter((entry) => entry.http === undefined);
  const disabled = sorted.filter((entry) => entry.isDisabled);
  if (sorted.length === 0) return [];
  return [
    '',
    'Functions:',
    '',
    ...[...withUrl, ...others].flatMap((entry) => [`\t${describe(entry)}`, '']),
    ...disabled.map((entry) => `Function ${entry.name} is disabled.`),
  ];
}

function describe({ name, trigger, http }: FunctionSummary): string {
  if (http === undefined) return `${name}: ${trigger}`;
  const methods = http.methods.map((method) => method.toUpperCase()).join(',');
  // Without methods Core Tools leaves two spaces.
  return `${name}: ${methods === '' ? '' : `[${methods}]`} ${http.url}`;
}

function compareIgnoringCase(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}
