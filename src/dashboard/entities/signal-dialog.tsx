/** Signals an entity: an operation, and what it is given. */
import { useSignal } from '@preact/signals';
import { callApi } from '../api.ts';
import { Commands, signalCommands } from '../instances/commands.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { pathOfEntity } from './entity-path.ts';

export function SignalDialog(props: {
  readonly name: string;
  readonly entityKey: string;
  readonly onClose: (hasActed: boolean) => void;
}) {
  const { name, entityKey, onClose } = props;
  const operation = useSignal('');
  const input = useSignal('');
  const path = pathOfEntity(name, entityKey);
  const send = async (): Promise<void> => {
    const body = input.value.trim();
    if (body !== '') JSON.parse(body);
    const query = { op: operation.value };
    await callApi(path, { method: 'POST', query, ...(body !== '' && { body }) });
  };
  return (
    <FormDialog
      title={`Signal ${name} ${entityKey}`}
      submit="Signal"
      onSubmit={send}
      onClose={onClose}
    >
      <p>Nobody is answered: what the operation does is seen in the state.</p>
      <label class="field">
        Operation
        <input
          autofocus
          required
          autocomplete="off"
          value={operation.value}
          onInput={(event) => (operation.value = event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Input, as JSON
        <textarea
          placeholder="none"
          spellcheck={false}
          value={input.value}
          onInput={(event) => (input.value = event.currentTarget.value)}
        />
      </label>
      {operation.value !== '' && (
        <Commands {...signalCommands(path, operation.value, input.value.trim())} />
      )}
    </FormDialog>
  );
}
