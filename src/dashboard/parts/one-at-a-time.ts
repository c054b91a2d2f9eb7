/**
 * `work`, never twice at a time: asked for while it is under way, it is done once more afterwards, as what it has read by then may be
 * older than what was asked for.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  let asked = 0;
  const untilDone = async (): Promise<void> => {
    try {
      let begun;
      do {
        begun = asked;
        await work();
      } while (begun !== asked);
    } finally {
      underWay = undefined;
    }
  };
  return () => {
    asked += 1;
    underWay ??= untilDone();
    return underWay;
  };
}
