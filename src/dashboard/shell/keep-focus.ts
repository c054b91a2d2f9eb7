/**
 * Who works by the keys is never sent back to the beginning of the page: a browser forgets the focus when what has it goes away, or
 * is moved, as happens in pages that keep themselves up to date. Then it goes to what is left of the surroundings.
 */
const SURROUNDINGS = '[tabindex], [role=toolbar], section, article, details, form, main';

/** What has the focus, or had it before a dialog, and all that it is in. */
let trail: readonly HTMLElement[] = [];
/** Whoever clicks beside everything wants the focus nowhere. */
let isWanted = false;

/** From now on, for as long as the page is open. */
export function keepFocus(): void {
  addEventListener('pointerdown', () => {
    isWanted = false;
  });
  addEventListener('focusin', ({ target }) => {
    isWanted = true;
    if (target instanceof HTMLElement && target.closest('dialog') === null) trail = trailOf(target);
  });
  new MutationObserver(restore).observe(document.body, { childList: true, subtree: true });
}

function restore(): void {
  if (!isWanted || document.activeElement !== document.body) return;
  const dialog = document.querySelector<HTMLElement>('dialog[open]');
  const left = dialog === null ? nearest(trail) : (autofocused(dialog) ?? dialog);
  if (left === null) return;
  if (left.tabIndex < 0) left.tabIndex = -1;
  left.focus({ preventScroll: true });
}

/** What was for something else, as a toolbar is, leads there when it has gone. */
function nearest([own, ...around]: readonly HTMLElement[]): HTMLElement | null {
  if (own?.isConnected === true && !own.matches(':disabled')) return own;
  for (const element of around) {
    if (element.isConnected && element.matches(SURROUNDINGS)) return element;
    const controlled = element.getAttribute('aria-controls');
    const other = controlled === null ? null : document.getElementById(controlled);
    if (other !== null) return other;
  }
  return document.getElementById('main');
}

function autofocused(dialog: HTMLElement): HTMLElement | null {
  return dialog.querySelector<HTMLElement>('[autofocus]');
}

function trailOf(target: HTMLElement): readonly HTMLElement[] {
  const all: HTMLElement[] = [];
  for (let each: HTMLElement | null = target; each !== null; each = each.parentElement) {
    all.push(each);
  }
  return all;
}
