import type { SortColumn } from '../store/view.ts';

/** Cells of each column, from the table's width alone. */
export type TableColumns = {
  readonly cells: Readonly<Record<SortColumn, number>>;
  /** Between two columns. */
  readonly gap: number;
  /** Whether there is room for whole words. */
  readonly roomy: boolean;
};

/** Cursor, mark, and one cell of air. */
export const GUTTER = 3;

export function columnsOf(width: number): TableColumns {
  const roomy = width >= 112;
  const gap = roomy ? 2 : 1;
  const fixed = roomy
    ? { status: 14, tenant: width >= 140 ? 32 : 24, schema: 21, last: 7 }
    : { status: 11, tenant: width < 70 ? 14 : 16, schema: width < 70 ? 11 : 15, last: 4 };
  const { status, tenant, schema, last } = fixed;
  const error = Math.max(0, width - GUTTER - status - tenant - schema - last - 4 * gap);
  return { cells: { ...fixed, error }, gap, roomy };
}
