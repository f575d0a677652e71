import { type FleetRow, type Lane, lanes, lastAt } from './fleet-row.ts';

/** The columns a table can be sorted by, from left to right. */
export const sortColumns = ['status', 'tenant', 'schema', 'last', 'error'] as const;
export type SortColumn = (typeof sortColumns)[number];
export type Sort = { readonly column: SortColumn; readonly inverted: boolean };

/** What of the fleet is shown, and in which order. */
export type ViewSpec = {
  readonly lane: Lane | 'all';
  readonly matches: (row: FleetRow) => boolean;
  readonly sort: Sort;
};

type Compare = (a: FleetRow, b: FleetRow) => number;

const rank: Readonly<Record<Lane, number>> = {
  FAILED: lanes.indexOf('FAILED'),
  MIGRATING: lanes.indexOf('MIGRATING'),
  PROVISIONING: lanes.indexOf('PROVISIONING'),
  SUSPENDED: lanes.indexOf('SUSPENDED'),
  ACTIVE: lanes.indexOf('ACTIVE'),
  NO_DATABASE: lanes.indexOf('NO_DATABASE'),
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compares: Readonly<Record<SortColumn, Compare>> = {
  status: (a, b) => rank[a.lane] - rank[b.lane],
  tenant: () => 0,
  schema: (a, b) => byText(a.database?.schemaVersion ?? '', b.database?.schemaVersion ?? ''),
  last: (a, b) => lastAt(b).getTime() - lastAt(a).getTime(),
  error: (a, b) => byText(a.cause ?? '\uffff', b.cause ?? '\uffff'),
};

/**
 * The ids of the rows that belong to the view, in its order. Rows that are equal stand by slug, so that an
 * order never depends on when something arrived.
 */
export function orderOf(rows: Iterable<FleetRow>, { lane, matches, sort }: ViewSpec): string[] {
  const shown: FleetRow[] = [];
  for (const row of rows) {
    if ((lane === 'all' || row.lane === lane) && matches(row)) shown.push(row);
  }
  const compare = compares[sort.column];
  const sign = sort.inverted ? -1 : 1;
  shown.sort((a, b) => sign * (compare(a, b) || byText(a.slug, b.slug)) || byText(a.id, b.id));
  return shown.map((row) => row.id);
}
