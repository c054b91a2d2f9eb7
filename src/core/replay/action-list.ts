/** Finding one's way in the cumulative list of an answer: by place, since objects are new in each run. */
import type { SdkAction, SdkActions } from './action.ts';

/** How many steps the walk has to take: top-level actions, or yields of SDK 1.x. */
export function listLength(actions: SdkActions): number {
  return actions.schema === 'nested' ? actions.actions.length : actions.yields.length;
}

/** The action at a place: index of the step, then of the child in each compound (SDK 1.x: of the action in its yield first). */
export function actionAt(actions: SdkActions, path: readonly number[]): SdkAction | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  let action: SdkAction | undefined;
  let children = rest;
  if (actions.schema === 'nested') {
    action = actions.actions[first];
  } else {
    action = actions.yields[first]?.[rest[0] ?? 0];
    children = rest.slice(1);
  }
  for (const index of children) {
    action = action && isCompound(action) ? action.children[index] : undefined;
  }
  return action;
}

export function isCompound(
  action: SdkAction,
): action is Extract<SdkAction, { kind: 'whenAll' | 'whenAny' }> {
  return action.kind === 'whenAll' || action.kind === 'whenAny';
}

/** Whether nothing waits for it. */
export function isFireAndForget(action: SdkAction): boolean {
  return (
    action.kind === 'signalEntity' ||
    action.kind === 'continueAsNew' ||
    action.kind === 'releaseEntities'
  );
}

/** Whether the list has a cancelled timer of this time, wherever. */
export function hasCanceledTimer(actions: readonly SdkAction[], fireAt: string): boolean {
  return actions.some((action) =>
    isCompound(action)
      ? hasCanceledTimer(action.children, fireAt)
      : action.kind === 'createTimer' &&
        action.isCanceled &&
        Date.parse(action.fireAt) === Date.parse(fireAt),
  );
}

/** Whether an external event is waited for. */
export function waitsForEvent(action: SdkAction): boolean {
  return isCompound(action)
    ? action.children.some(waitsForEvent)
    : action.kind === 'waitForExternalEvent';
}
