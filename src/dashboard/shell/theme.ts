/** Light or dark: as the system has it, unless the user chose. */
import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const THEME_ITEM = 'durable-dashboard-theme';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(
  THEMES.find((each) => each === localStorage.getItem(THEME_ITEM)) ?? 'system',
);

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
  localStorage.setItem(THEME_ITEM, theme.value);
  applyTheme();
}
