/** A dialog that only shows something. */
import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.tsx';

export function ReadingDialog(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly onClose: () => void;
}) {
  const { title, children, onClose } = props;
  return (
    <Dialog title={title} wide onClose={onClose}>
      <div class="stack">
        {children}
        <div class="dialog-buttons">
          <button type="button" class="primary" autofocus onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}
