/** Which known name a misspelled or misplaced one was probably meant to be. */

/** The last part of a dotted name counts most: a setting in the wrong section is the commonest mistake. undefined: none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = Math.min(
      editDistance(name.toLowerCase(), candidate.toLowerCase()),
      editDistance(lastPart(name), lastPart(candidate)),
    );
    if (best === undefined || distance < best.distance) {
      best = { name: candidate, distance };
    }
  }
  return best !== undefined && best.distance <= lastPart(name).length * 0.4 ? best.name : undefined;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

/** Levenshtein: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
