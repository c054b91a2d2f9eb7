/** Up and down lead from row to row of whatever is marked by `data-list`: to the first link or button of each. */

export function moveInList(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const { target } = event;
  if (step === 0 || !(target instanceof HTMLElement)) return;
  const list = target.closest('[data-list]') ?? target.querySelector('[data-list]');
  if (list === null) return;
  const rows = [...list.children].flatMap((row) => firstOf(row) ?? []);
  const at = rows.findIndex((row) =>
    row.parentElement?.closest('[data-list] > *')?.contains(target),
  );
  const next = rows[at === -1 ? 0 : at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function firstOf(row: Element): HTMLElement | undefined {
  if (row.matches('a, button')) return row as HTMLElement;
  return row.querySelector<HTMLElement>('a, button') ?? undefined;
}
