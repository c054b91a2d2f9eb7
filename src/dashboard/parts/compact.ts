/** Whether there is room for a phone's layout only: the same width as in the style sheet. */
import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 760px)');
const isCompact = signal(query.matches);
query.addEventListener('change', () => {
  isCompact.value = query.matches;
});

export function useCompact(): boolean {
  return isCompact.value;
}
