/** Deletes the hub: offered where the host allows what cannot be undone, and only to who types its name. */
import { useSignal } from '@preact/signals';
import { ApiError, callApi } from '../api.ts';
import { FormDialog } from '../parts/form-dialog.tsx';
import { session } from '../shell/session.ts';

export function DeleteHubCard({ onDeleted }: { readonly onDeleted: () => void }) {
  const isAsked = useSignal(false);
  const taskHub = session.value?.taskHub ?? '';
  return (
    <section class="card danger-card" aria-label="Delete the task hub">
      <div class="card-text">
        <h2>Delete the task hub</h2>
        <p class="muted">
          All instances, histories, messages and payloads of {taskHub} go with it.
        </p>
      </div>
      <button type="button" class="danger-quiet" onClick={() => (isAsked.value = true)}>
        Delete …
      </button>
      {isAsked.value && (
        <DeleteDialog
          taskHub={taskHub}
          onClose={(hasActed) => {
            isAsked.value = false;
            if (hasActed) onDeleted();
          }}
        />
      )}
    </section>
  );
}

function DeleteDialog(props: {
  readonly taskHub: string;
  readonly onClose: (hasActed: boolean) => void;
}) {
  const { taskHub, onClose } = props;
  const typed = useSignal('');
  const isInUse = useSignal(false);
  const forces = useSignal(false);
  const send = async (): Promise<void> => {
    try {
      const query = { name: typed.value, force: forces.value };
      await callApi(['hub'], { method: 'DELETE', query });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) isInUse.value = true;
      throw error;
    }
  };
  return (
    <FormDialog
      title={`Delete the task hub ${taskHub}?`}
      submit="Delete the hub"
      isDangerous
      isReady={typed.value === taskHub}
      onSubmit={send}
      onClose={onClose}
    >
      <p>
        Everything in it is gone for good: instances that run, too. There is no way back but an
        export that was made before (<code>func durable export</code>).
      </p>
      <label class="field">
        Type its name, {taskHub}
        <input
          autofocus
          required
          autocomplete="off"
          spellcheck={false}
          value={typed.value}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
      </label>
      {isInUse.value && (
        <label class="check">
          <input
            type="checkbox"
            checked={forces.value}
            onChange={(event) => (forces.value = event.currentTarget.checked)}
          />{' '}
          Delete it although a host works on it
        </label>
      )}
    </FormDialog>
  );
}
