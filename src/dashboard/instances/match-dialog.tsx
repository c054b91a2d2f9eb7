/** What can be done with all that the filter finds, loaded or not: first how many they are, then the action. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { InstanceStatus } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { BulkDialog } from './bulk-dialog.tsx';
import { ACTIONS, isOffered, isPossible, type InstanceAction } from './instance-action.ts';
import {
  FILTER_STATUSES,
  isEmptyFilter,
  isSearch,
  type InstanceFilter,
} from './instance-filter.ts';
import { seenText } from './instance-pages.ts';
import { MatchingInstances } from './matching-instances.ts';

export interface MatchDialogProps {
  readonly filter: InstanceFilter;
  /** @param hasActed whether anything was asked of the host. */
  readonly onClose: (hasActed: boolean) => void;
}

export function MatchDialog({ filter, onClose }: MatchDialogProps) {
  const matching = useMemo(() => new MatchingInstances(filter), []);
  const action = useSignal<InstanceAction | undefined>(undefined);
  useEffect(() => {
    void matching.look();
    return () => {
      matching.close();
    };
  }, [matching]);
  const found = matching.found.value;
  const isLooking = matching.state.value === 'looking' && matching.error.value === undefined;
  if (action.value !== undefined) {
    return <BulkDialog action={action.value} instances={found} onClose={onClose} />;
  }
  const title = isEmptyFilter(filter) ? 'All instances' : 'All that match the filter';
  return (
    <Dialog
      title={title}
      wide
      onClose={() => {
        onClose(false);
      }}
    >
      <div class="stack">
        <Problem text={matching.error.value} />
        <p role="status">
          {found.length.toLocaleString('en')} {isLooking ? 'so far …' : 'found, none changed yet.'}
          {isSearch(filter) && ` ${seenText(matching.seen.value)}.`}
        </p>
        {matching.state.value === 'bounded' && (
          <p class="note">
            There {isSearch(filter) ? 'may be' : 'are'} more. So many are steered at once, those
            that were found first: narrow the filter, or come again for the others.
          </p>
        )}
        <ul class="counts">
          {FILTER_STATUSES.map((status) => {
            const count = found.filter(({ runtimeStatus }) => runtimeStatus === status).length;
            return count === 0 ? null : (
              <li key={status}>
                <StatusChip status={status} /> {count.toLocaleString('en')}
              </li>
            );
          })}
        </ul>
        <div class="actions">
          {ACTIONS.filter(isOffered).map((each) => (
            <button
              key={each.name}
              type="button"
              class={each.isDangerous ? 'danger-quiet' : ''}
              disabled={isLooking || possibleCount(each, found) === 0}
              onClick={() => (action.value = each)}
            >
              {each.label} {possibleCount(each, found).toLocaleString('en')} …
            </button>
          ))}
        </div>
        <div class="dialog-buttons">
          <button
            type="button"
            autofocus
            onClick={() => {
              onClose(false);
            }}
          >
            Cancel
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function possibleCount(action: InstanceAction, found: readonly InstanceStatus[]): number {
  return found.filter(({ runtimeStatus }) => isPossible(action, runtimeStatus)).length;
}
