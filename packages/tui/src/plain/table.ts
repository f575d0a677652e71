import { clean, cut, fit, widthOf } from '../theme/cells.ts';
import type { Style } from '../theme/theme.ts';
import type { Look } from './look.ts';

export type Column<Row> = {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => readonly Style[];
  readonly align?: 'right';
};

const GAP = '  ';
/** No column is cut below this while there is one that is wider. */
const NARROWEST = 8;

/**
 * A table as lines: a title line, then one line a row, as wide as they need to be. Where the terminal is
 * narrower, the widest columns give way first and what is cut ends in an ellipsis.
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
  const widths = narrowed(natural, look.width);
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

function narrowed(natural: readonly number[], available: number | undefined): readonly number[] {
  if (available === undefined) return natural;
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - available;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const second = Math.max(NARROWEST, ...widths.filter((width) => width < widest));
    const taken = Math.min(excess, Math.max(1, widest - second));
    widths[widths.indexOf(widest)] = widest - taken;
    excess -= taken;
  }
  return widths;
}
