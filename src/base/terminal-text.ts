/**
 * Text for a terminal. What comes from elsewhere (requests, storage, files) may hold sequences that move the cursor, set the title,
 * write to the clipboard or turn the order of letters around: they are shown as what they are.
 */

/** Control characters but tab and line feed, what turns the direction of text, and line ends that only some programs know. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
/** Colours and weights of letters: `ESC [ 31 m`. */
const COLOR = /\u001b\[[\d;]*m/g;

/** The text with `\u001b` and the like in the place of what is no letter. Lines end as they did. */
export function visibleText(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNSAFE, escaped);
}

/** The same for text of ours that has colours, or of an app that may have: they stay, and end with the text. */
export function visibleColoredText(text: string): string {
  const parts = text.split(COLOR).map(visibleText);
  const colors = text.match(COLOR) ?? [];
  const visible = parts.map((part, index) => part + (colors[index] ?? '')).join('');
  return colors.length === 0 ? visible : `${visible}\u001b[0m`;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
