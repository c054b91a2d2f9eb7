/**
 * A list of which only the rows in sight are in the page, so that a hundred thousand cost what thirty do. All rows are of one height.
 * The list takes the arrows and page keys, and tells which row they have led to.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualRowsProps<Row> {
  /** For what controls the list. */
  readonly id?: string;
  /** For those who cannot see it. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly rowHeightPx: number;
  readonly keyOf: (row: Row, index: number) => string;
  readonly renderRow: (row: Row, index: number) => ComponentChildren;
  /** Of the row with the key focus; -1 for none. */
  readonly activeIndex: number;
  readonly onMove: (index: number) => void;
  /** Any other key, pressed in the list. */
  readonly onKey?: (event: KeyboardEvent) => void;
  /** The last rows are in sight. */
  readonly onEnd: () => void;
  readonly className?: string;
}

/** Rows above and below what is in sight. */
const MARGIN = 8;
/** Browsers cannot show an element that is much higher; no list of that length is ever loaded. */
const MAX_HEIGHT_PX = 16_000_000;

export function VirtualRows<Row>(props: VirtualRowsProps<Row>) {
  const { rows, rowHeightPx, activeIndex, onEnd } = props;
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [heightPx, setHeightPx] = useState(600);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = (): void => {
      setHeightPx(element.clientHeight);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null || activeIndex < 0) return;
    const top = activeIndex * rowHeightPx;
    if (top < element.scrollTop) element.scrollTop = top;
    const lowest = top + rowHeightPx - element.clientHeight;
    if (lowest > element.scrollTop) element.scrollTop = lowest;
  }, [activeIndex, rowHeightPx]);

  const first = Math.max(0, Math.floor(scrollTop / rowHeightPx) - MARGIN);
  const last = Math.min(rows.length, Math.ceil((scrollTop + heightPx) / rowHeightPx) + MARGIN);
  useEffect(() => {
    if (last >= rows.length) onEnd();
  }, [last, rows.length]);

  const move = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(heightPx / rowHeightPx) - 1);
    const steps = stepsOf(event.key, page, rows.length);
    if (steps === undefined || event.ctrlKey || event.metaKey || event.altKey) {
      props.onKey?.(event);
      return;
    }
    event.preventDefault();
    props.onMove(Math.min(rows.length - 1, Math.max(0, activeIndex + steps)));
  };
  const activeRow = rows[activeIndex];
  return (
    <div
      ref={box}
      id={props.id}
      class={`virtual ${props.className ?? ''}`}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={rows.length}
      aria-multiselectable="true"
      aria-activedescendant={
        activeRow === undefined ? undefined : rowId(props.keyOf(activeRow, activeIndex))
      }
      onScroll={(event) => {
        setScrollTop(event.currentTarget.scrollTop);
      }}
      onKeyDown={move}
    >
      <div
        class="virtual-all"
        role="presentation"
        style={{ height: `${Math.min(MAX_HEIGHT_PX, rows.length * rowHeightPx)}px` }}
      >
        <div
          role="rowgroup"
          class="virtual-seen"
          style={{ transform: `translateY(${first * rowHeightPx}px)` }}
        >
          {rows.slice(first, last).map((row, n) => props.renderRow(row, first + n))}
        </div>
      </div>
    </div>
  );
}

/** The element id of a row, for `aria-activedescendant`. */
export function rowId(key: string): string {
  return `row-${encodeURIComponent(key)}`;
}

/** How far a key goes. @param page rows in sight. */
function stepsOf(key: string, page: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return 1;
    case 'ArrowUp':
      return -1;
    case 'PageDown':
      return page;
    case 'PageUp':
      return -page;
    case 'Home':
      return -count;
    case 'End':
      return count;
    default:
      return undefined;
  }
}
