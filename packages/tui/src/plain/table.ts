import { clean, cut, fit, widthOf } from '../theme/cells.ts';
import type { Style } from '../theme/theme.ts';
import type { Look } from './look.ts';

export type Column<Row> = {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => readonly Style[];
  readonly align?: 'right';
  /** In a narrow terminal it is cut before those that do not. */
  readonly givesWay?: true;
};

const GAP = '  ';
/** No column is cut below this while there is one that is wider. */
const NARROWEST = 8;

/**
 * A table as lines: a title line, then one line a row, as wide as they need to be. Where the terminal is
 * narrower, some columns give way first, then the widest; what is cut ends in an ellipsis.
 */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  look: Look,
): string[] {
  const cells = rows.map((row) => columns.map((column) => clean(column.text(row))));
  const natural = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...cells.map((line) => widthOf(line[at] ?? ''))),
  );
  const widths = narrowed(columns, natural, look.width);
  const line = (texts: readonly string[], styles: (at: number) => readonly Style[]): string => {
    const parts = texts.map((text, at) => {
      const width = widths[at] ?? 0;
      const column = columns[at];
      const last = at === texts.length - 1 && column?.align !== 'right';
      return look.paint(placed(text, width, column?.align, last, look), ...styles(at));
    });
    return parts.join(GAP).trimEnd();
  };
  return [
    line(
      columns.map(({ title }) => title),
      () => ['dim'],
    ),
    ...rows.map((row, at) =>
      line(cells[at] ?? [], (column) => columns[column]?.style?.(row) ?? []),
    ),
  ];
}

function placed(
  text: string,
  width: number,
  align: 'right' | undefined,
  last: boolean,
  { glyphs }: Look,
): string {
  if (align === 'right') return cut(text, width, glyphs.ellipsis).padStart(width);
  return last ? cut(text, width, glyphs.ellipsis) : fit(text, width, glyphs.ellipsis);
}

function narrowed(
  columns: readonly Column<never>[],
  natural: readonly number[],
  available: number | undefined,
): readonly number[] {
  if (available === undefined) return natural;
  const all = columns.map((_column, at) => at);
  const first = all.filter((at) => columns[at]?.givesWay === true);
  const room = available - GAP.length * (columns.length - 1);
  return cutDown(cutDown(natural, first, room), all, room);
}

/** Takes from the widest of the columns `from`, cell by cell, until all columns have room. */
function cutDown(natural: readonly number[], from: readonly number[], room: number): number[] {
  const widths = [...natural];
  const widthAt = (at: number): number => widths[at] ?? 0;
  for (let excess = widths.reduce((sum, width) => sum + width, 0) - room; excess > 0; excess -= 1) {
    const widest = from.toSorted((a, b) => widthAt(b) - widthAt(a))[0];
    if (widest === undefined || widthAt(widest) <= NARROWEST) break;
    widths[widest] = widthAt(widest) - 1;
  }
  return widths;
}
