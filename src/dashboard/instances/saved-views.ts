/** Filters that somebody wants to come back to, by name. They are kept by the browser, for this host. */
import { signal } from '@preact/signals';

export interface SavedView {
  readonly name: string;
  /** As the address of the list has it, without `?`. */
  readonly query: string;
}

const VIEWS_ITEM = 'durable-dashboard-views';
const MAX_VIEWS = 50;
export const MAX_NAME_LENGTH = 60;

export const savedViews = signal<readonly SavedView[]>(read());

/** In the place of one of the same name. @throws {Error} when there are as many as may be. */
export function saveView(view: SavedView): void {
  const others = savedViews.value.filter(({ name }) => name !== view.name);
  if (others.length >= MAX_VIEWS) {
    throw new Error(`There are ${MAX_VIEWS} views already. Delete one first.`);
  }
  write([...others, view].sort((a, b) => (a.name < b.name ? -1 : 1)));
}

export function deleteView(name: string): void {
  write(savedViews.value.filter((view) => view.name !== name));
}

function write(views: readonly SavedView[]): void {
  savedViews.value = views;
  localStorage.setItem(VIEWS_ITEM, JSON.stringify(views));
}

/** What somebody else may have written there is left out. */
function read(): readonly SavedView[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(VIEWS_ITEM) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isView).slice(0, MAX_VIEWS) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const { name, query } = value as Partial<Record<keyof SavedView, unknown>>;
  return typeof name === 'string' && typeof query === 'string';
}
