/** The filters that were saved: to go to, to be deleted, and a form for the one that is shown. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { goTo, routeHref } from '../route.ts';
import { isEmptyFilter, type InstanceFilter, queryOf } from './instance-filter.ts';
import { deleteView, MAX_NAME_LENGTH, savedViews, saveView } from './saved-views.ts';

export function ViewsMenu({ filter }: { readonly filter: InstanceFilter }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const name = useSignal('');
  const problem = useSignal<string | undefined>(undefined);
  const close = (): void => {
    if (menu.current !== null) menu.current.open = false;
  };
  const query = queryOf(filter).toString();
  const views = savedViews.value;
  const save = (): void => {
    try {
      saveView({ name: name.value.trim(), query });
      name.value = '';
      problem.value = undefined;
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <details
      ref={menu}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        close();
        menu.current?.querySelector('summary')?.focus();
      }}
      onFocusOut={(event) => {
        const { relatedTarget: next } = event;
        if (next instanceof Node && menu.current?.contains(next) === false) close();
      }}
    >
      <summary>
        <Icon name="star" /> Views
        {views.length > 0 && <span class="badge">{views.length}</span>}
      </summary>
      <div class="menu-panel">
        {views.length === 0 && (
          <p class="muted">A view is a filter under a name. This browser keeps it.</p>
        )}
        <ul data-list>
          {views.map((view) => (
            <li key={view.name}>
              <a
                href={routeHref(['instances'], new URLSearchParams(view.query))}
                aria-current={view.query === query ? 'true' : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  close();
                  goTo(routeHref(['instances'], new URLSearchParams(view.query)));
                }}
              >
                {view.name}
              </a>
              <button
                type="button"
                class="quiet"
                aria-label={`Delete the view ${view.name}`}
                onClick={() => {
                  deleteView(view.name);
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
        {!isEmptyFilter(filter) && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              save();
            }}
          >
            <label class="field">
              Save this filter as
              <input
                required
                pattern=".*\S.*"
                maxLength={MAX_NAME_LENGTH}
                autocomplete="off"
                value={name.value}
                onInput={(event) => (name.value = event.currentTarget.value)}
              />
            </label>
            <Problem text={problem.value} />
            <button type="submit" class="primary">
              Save
            </button>
          </form>
        )}
      </div>
    </details>
  );
}
