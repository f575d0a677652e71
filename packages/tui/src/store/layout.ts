/** How the screen is divided, from the terminal's size alone: nothing moves because of what is shown. */
export type Layout =
  | { readonly kind: 'too-small'; readonly columns: number; readonly rows: number }
  | {
      /** `wide` draws boxes and has room for the pane of details. */
      readonly kind: 'wide' | 'narrow';
      readonly columns: number;
      readonly rows: number;
      /** Cells within the table's box. */
      readonly tableWidth: number;
      /** Rows of the fleet that fit. */
      readonly tableRows: number;
      /** Cells within the pane's box; 0 without a pane. */
      readonly paneWidth: number;
    };

export type Size = { readonly columns: number; readonly rows: number };

export const wideFrom = 110;
const smallest: Size = { columns: 60, rows: 15 };
const BORDERS = 2;
/** Header, lanes, run; column titles; state, hints, prompt. */
const LINES_AROUND = 7;

export function layoutOf({ columns, rows }: Size, withPane: boolean): Layout {
  if (columns < smallest.columns || rows < smallest.rows) {
    return { kind: 'too-small', columns, rows };
  }
  if (columns < wideFrom) {
    const tableRows = rows - LINES_AROUND;
    return { kind: 'narrow', columns, rows, tableWidth: columns, tableRows, paneWidth: 0 };
  }
  const paneOuter = withPane ? Math.min(76, Math.round(columns * 0.385)) : 0;
  return {
    kind: 'wide',
    columns,
    rows,
    tableWidth: columns - paneOuter - BORDERS,
    tableRows: rows - LINES_AROUND - BORDERS,
    paneWidth: withPane ? paneOuter - BORDERS : 0,
  };
}

export const tableRowsOf = (layout: Layout): number =>
  layout.kind === 'too-small' ? 1 : layout.tableRows;
