/** Finding one's way in the list of an answer: by place, since objects are new in each run. */
import { isCompound, type SdkAction, type SdkActions } from '../replay/action.ts';

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

/** Whether nothing waits for it. */
export function isFireAndForget(action: SdkAction): boolean {
  return (
    action.kind === 'signalEntity' ||
    action.kind === 'continueAsNew' ||
    action.kind === 'releaseEntities'
  );
}
