/** @returns at most `length` characters and an ellipsis; no half of a character that takes two. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const isCut = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  return `${text.slice(0, isCut ? length - 1 : length)}…`;
}
