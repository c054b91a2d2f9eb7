/** What the host says about this dashboard, asked again whenever a key is given. */
import { computed, signal } from '@preact/signals';
import { callApi, isKeyWanted, type Session } from '../api.ts';

export const session = signal<Session | undefined>(undefined);
/** Whether anything can be changed from here. */
export const mayChange = computed(() => session.value?.isReadOnly === false);
/** Whether what cannot be undone, a purge, is offered: see `dashboard.dangerousOperations`. */
export const mayDestroy = computed(
  () => mayChange.value && session.value?.allowsDangerous === true,
);
export const sessionError = signal<string | undefined>(undefined);

export async function openSession(): Promise<void> {
  try {
    const { body } = await callApi(['dashboard', 'session']);
    session.value = body as unknown as Session;
    sessionError.value = undefined;
    isKeyWanted.value = false;
  } catch (error) {
    sessionError.value = String(error instanceof Error ? error.message : error);
  }
}
