/** A dialog of the browser's own: it keeps the focus, and gives it back. */
import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Whoever presses Escape wants this. @default the dialog stays */
  readonly onClose?: () => void;
  readonly wide?: boolean;
}

export function Dialog({ title, children, onClose, wide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  return (
    <dialog
      ref={dialog}
      class={wide ? 'wide' : undefined}
      aria-label={title}
      {...onLeave(() => onClose?.())}
    >
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/**
 * For the element of a dialog: it closes when the page says so. Of Escape the browser asks once only, and closes it then.
 * @param leave somebody wants to leave it.
 */
export function onLeave(leave: () => void) {
  return {
    onKeyDown: (event: KeyboardEvent) => {
      const { key, target } = event;
      const isSearch = target instanceof HTMLInputElement && target.type === 'search';
      // A search is emptied first.
      if (key !== 'Escape' || (isSearch && target.value !== '')) return;
      event.preventDefault();
      leave();
    },
    /** A phone has a gesture for it. */
    onCancel: (event: Event) => {
      event.preventDefault();
      leave();
    },
  };
}

/** Opened before anybody types on; whoever had the focus before has it again when it goes away. */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
}
