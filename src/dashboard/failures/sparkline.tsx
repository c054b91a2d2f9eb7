/** How often something happened, over the time that the page is about: one bar for each part of it. */
const BAR = 4;
const GAP = 1;
const HEIGHT = 32;
/** One beside a thousand is to be seen. */
const MIN_HEIGHT = 3;

export function Sparkline({ counts }: { readonly counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  const width = counts.length * (BAR + GAP) - GAP;
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={sparklineText(counts)}
    >
      <rect class="sparkline-base" x={0} y={HEIGHT - 1} width={width} height={1} />
      {counts.map((count, n) => {
        const height = count === 0 ? 0 : Math.max(MIN_HEIGHT, (count / most) * HEIGHT);
        return count === 0 ? null : (
          <rect key={n} x={n * (BAR + GAP)} y={HEIGHT - height} width={BAR} height={height} />
        );
      })}
    </svg>
  );
}

/** What the bars show, for those who cannot see them. */
function sparklineText(counts: readonly number[]): string {
  const parts = counts.filter((count) => count > 0).length;
  const most = Math.max(0, ...counts).toLocaleString('en');
  return `Over time: in ${parts} of ${counts.length} parts of it, at most ${most} in one`;
}
