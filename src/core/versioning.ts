/**
 * Which versions of instances this app runs. Mirrors DurableTask.Core VersioningSettings and
 * TaskOrchestrationDispatcher.EvaluateOrchestrationVersioning.
 */
export interface Versioning {
  /** host.json `defaultVersion`: the version of this app. */
  readonly appVersion: string;
  readonly match: 'None' | 'Strict' | 'CurrentOrOlder';
  /** What happens to an instance that does not match: it is left to another worker, or fails. */
  readonly failure: 'Reject' | 'Fail';
}

/** The instance is not of a version that this app runs. */
export class VersionRejectedError extends Error {
  constructor(mismatch: string) {
    super(`${mismatch} It is left to another worker.`);
  }
}

/** Why the instance does not match; undefined when it does. @param instanceVersion as in its ExecutionStarted. */
export function versionMismatch(
  instanceVersion: string | null,
  versioning: Versioning | undefined,
): string | undefined {
  if (!versioning || versioning.match === 'None') return undefined;
  const { appVersion, match } = versioning;
  const version = instanceVersion ?? '';
  const order = compareVersions(version, appVersion);
  const isMatch = match === 'Strict' ? order === 0 : order <= 0;
  return isMatch
    ? undefined
    : `The version '${version}' of the instance does not match the version '${appVersion}' of this app (versionMatchStrategy: ${match}).`;
}

/** Negative when `a` is older. Parts are compared as numbers where both are; no version is the oldest. */
export function compareVersions(a: string, b: string): number {
  if (a === '' || b === '') return Number(a !== '') - Number(b !== '');
  const [partsA, partsB] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(partsA.length, partsB.length); index++) {
    const [partA, partB] = [partsA[index] ?? '0', partsB[index] ?? '0'];
    const order =
      isNumber(partA) && isNumber(partB)
        ? Number(partA) - Number(partB)
        : partA.localeCompare(partB, 'en', { sensitivity: 'accent' });
    if (order !== 0) return order;
  }
  return 0;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
