/** A card with a table that scrolls by itself, for those with a keyboard, too. */
import type { ComponentChildren } from 'preact';

export function TableCard(props: {
  readonly title: string;
  /** Stands beside the title. */
  readonly note?: ComponentChildren;
  /** The first one is that of the row's name. */
  readonly columns: readonly string[];
  /** How many of the columns, from the first one on, are texts: the others are numbers. @default 1 */
  readonly texts?: number;
  /** Rows of a table body. */
  readonly children: ComponentChildren;
  /** What is said in place of rows. @default there are rows */
  readonly empty?: string | false;
}) {
  const { title, note, columns, texts = 1, children, empty = false } = props;
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <span class="muted">{note}</span>}
      </header>
      <div class="table tall" tabIndex={0} role="group" aria-label={title}>
        <table class={texts > 1 ? `texts-${texts}` : undefined}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody data-list>
            {empty === false ? (
              children
            ) : (
              <tr>
                <td class="muted" colSpan={columns.length}>
                  {empty}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}
