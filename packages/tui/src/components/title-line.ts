import type { Sort, SortColumn } from '../store/view.ts';
import type { Theme } from '../theme/theme.ts';
import { GUTTER, type TableColumns } from './table-columns.ts';

const titles: Readonly<Record<SortColumn, string>> = {
  status: 'STATUS',
  tenant: 'TENANT',
  schema: 'SCHEMA',
  last: 'LAST',
  error: 'ERROR / STEP',
};

/** The heads of the columns; the sorted one carries the arrow. */
export function titleLine({ cells, gap }: TableColumns, sort: Sort, theme: Theme): string {
  const { glyphs, fit, paint } = theme;
  const arrow = sort.inverted ? glyphs.ascending : glyphs.descending;
  const head = (column: SortColumn): string => {
    const sorted = column === sort.column;
    const title =
      sorted && cells[column] > titles[column].length
        ? `${titles[column]}${arrow}`
        : titles[column];
    const text = fit(title, cells[column]);
    return sorted ? paint(text, 'bold') : paint(text, 'dim');
  };
  const heads = [head('status'), head('tenant'), head('schema'), head('last'), head('error')];
  return ' '.repeat(GUTTER) + heads.join(' '.repeat(gap));
}
