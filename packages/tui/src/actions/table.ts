import { type FleetRow, lanes, workText } from '../store/fleet-row.ts';

/**
 * How much an action asks before it acts. T0: nothing, it can be repeated without harm. T1: one line and `y`.
 * T2: a dialog and a word to type.
 */
export type Tier = 'T0' | 'T1' | 'T2';

export type WorkActionId = 'provision' | 'retry' | 'migrate' | 'suspend' | 'resume' | 'migrate-all';

type Described<Id> = {
  readonly id: Id;
  readonly label: string;
  /** The first one is shown. */
  readonly keys: readonly string[];
  /** The word for the hint line; without one the action is only in the help. */
  readonly hint?: string;
  /** The same where there is little room. */
  readonly shortHint?: string;
};

/** Sends something to the daemon. */
export type WorkAction = Described<WorkActionId> & {
  readonly kind: 'work';
  /** For one row; more rows and protected environments ask more. */
  readonly tier: Tier;
  /** Why it cannot be done to this row; null when it can. */
  readonly obstacle: (row: FleetRow) => string | null;
  /** The command that does the same from a shell. */
  readonly cli: (row: FleetRow | null) => string;
};

/** Changes only what this terminal shows. */
export type ScreenAction = Described<ScreenActionId> & { readonly kind: 'screen' };

export type Action = WorkAction | ScreenAction;

const name = (row: FleetRow | null): string => row?.slug ?? '<tenant>';

const busy = (row: FleetRow): string | null =>
  row.database?.work ? `"${row.slug}" is being worked on: ${workText(row, undefined)}` : null;

const unless = (fits: (row: FleetRow) => boolean, why: (row: FleetRow) => string) => {
  return (row: FleetRow): string | null => busy(row) ?? (fits(row) ? null : why(row));
};

const is = (row: FleetRow): string =>
  row.database === null ? `"${row.slug}" has no database` : `"${row.slug}" is ${row.lane}`;

const workActions = [
  {
    kind: 'work',
    id: 'retry',
    label: 'Retry what failed: provisioning or migration',
    keys: ['r'],
    hint: 'retry',
    tier: 'T0',
    obstacle: unless(
      (row) => row.lane === 'FAILED',
      (row) => `${is(row)}; only FAILED databases are retried`,
    ),
    cli: (row) => `tenantctl retry ${name(row)}`,
  },
  {
    kind: 'work',
    id: 'migrate',
    label: 'Migrate to the newest version',
    keys: ['m'],
    hint: 'migrate',
    tier: 'T1',
    obstacle: unless(
      (row) => row.lane === 'ACTIVE',
      (row) => `${is(row)}; only ACTIVE databases are migrated`,
    ),
    cli: (row) => `tenantctl migrate ${name(row)}`,
  },
  {
    kind: 'work',
    id: 'suspend',
    label: 'Suspend: end its connections and allow no more',
    keys: ['s'],
    hint: 'suspend',
    tier: 'T1',
    obstacle: unless(
      ({ lane, database }) =>
        lane === 'ACTIVE' || (lane === 'FAILED' && database?.failedOperation === 'migrate'),
      (row) => `${is(row)}; ACTIVE and FAILED (of migrate) databases are suspended`,
    ),
    cli: (row) => `tenantctl suspend ${name(row)}`,
  },
  {
    kind: 'work',
    id: 'resume',
    label: 'Resume: allow connections again',
    keys: ['u'],
    hint: 'resume',
    tier: 'T1',
    obstacle: unless(
      (row) => row.lane === 'SUSPENDED',
      (row) => `${is(row)}; only SUSPENDED databases are resumed`,
    ),
    cli: (row) => `tenantctl resume ${name(row)}`,
  },
  {
    kind: 'work',
    id: 'provision',
    label: 'Provision a database, or a new tenant with one',
    keys: ['p'],
    hint: 'provision',
    shortHint: 'prov',
    tier: 'T0',
    obstacle: (row) => (row.database === null ? null : `"${row.slug}" has a database`),
    cli: (row) => `tenantctl provision ${name(row?.database === null ? row : null)}`,
  },
  {
    kind: 'work',
    id: 'migrate-all',
    label: 'Migrate the fleet: every ACTIVE database',
    keys: ['M'],
    hint: 'migrate all',
    shortHint: 'all',
    tier: 'T2',
    obstacle: () => null,
    cli: () => 'tenantctl migrate --all',
  },
] as const satisfies readonly WorkAction[];

const laneAction = <Id extends string>(id: Id, key: string, label: string) => ({
  kind: 'screen' as const,
  id,
  label,
  keys: [key],
});

const screenActions = [
  { kind: 'screen', id: 'mark', label: 'Mark this row and go down', keys: ['space'], hint: 'mark' },
  { kind: 'screen', id: 'mark-all', label: 'Mark every row of this view', keys: ['*'] },
  { kind: 'screen', id: 'filter', label: 'Filter', keys: ['/'], hint: 'filter' },
  {
    kind: 'screen',
    id: 'copy',
    label: 'Copy name, error, version or command',
    keys: ['y'],
    hint: 'copy',
  },
  { kind: 'screen', id: 'open', label: 'Open the details', keys: ['enter', 'l'] },
  { kind: 'screen', id: 'back', label: 'Back: marks, filter, lane, screen', keys: ['esc', 'h'] },
  { kind: 'screen', id: 'pane', label: 'Details beside the table: on, off', keys: ['d'] },
  { kind: 'screen', id: 'down', label: 'Down', keys: ['j', 'down'] },
  { kind: 'screen', id: 'up', label: 'Up', keys: ['k', 'up'] },
  { kind: 'screen', id: 'half-down', label: 'Half a page down', keys: ['ctrl-d'] },
  { kind: 'screen', id: 'half-up', label: 'Half a page up', keys: ['ctrl-u'] },
  { kind: 'screen', id: 'page-down', label: 'A page down', keys: ['pagedown'] },
  { kind: 'screen', id: 'page-up', label: 'A page up', keys: ['pageup'] },
  { kind: 'screen', id: 'start', label: 'First row', keys: ['g', 'home'] },
  { kind: 'screen', id: 'end', label: 'Last row', keys: ['G', 'end'] },
  laneAction('lane-0', '0', 'All tenants'),
  laneAction('lane-1', '1', 'Only FAILED'),
  laneAction('lane-2', '2', 'Only MIGRATING'),
  laneAction('lane-3', '3', 'Only PROVISIONING'),
  laneAction('lane-4', '4', 'Only SUSPENDED'),
  laneAction('lane-5', '5', 'Only ACTIVE'),
  laneAction('lane-6', '6', 'Only tenants without a database'),
  { kind: 'screen', id: 'sort-left', label: 'Sort by the column to the left', keys: ['<'] },
  { kind: 'screen', id: 'sort-right', label: 'Sort by the column to the right', keys: ['>'] },
  { kind: 'screen', id: 'sort-invert', label: 'Sort the other way round', keys: ['I'] },
  { kind: 'screen', id: 'resort', label: 'Sort again now', keys: ['.'] },
  { kind: 'screen', id: 'hold', label: 'Hold the order still, or let it go', keys: ['z'] },
  { kind: 'screen', id: 'follow', label: 'Follow the row when it moves', keys: ['f'] },
  { kind: 'screen', id: 'redraw', label: 'Draw the screen again', keys: ['ctrl-l'] },
  { kind: 'screen', id: 'resync', label: 'Take a new snapshot from the daemon', keys: ['ctrl-r'] },
  { kind: 'screen', id: 'help', label: 'Help', keys: ['?'], hint: 'help' },
  { kind: 'screen', id: 'quit', label: 'Quit; the daemon goes on', keys: ['q', 'ctrl-c'] },
] as const satisfies readonly (Described<string> & { kind: 'screen' })[];

export type ScreenActionId = (typeof screenActions)[number]['id'];

/** Every action there is. Keys, hints and help are read from this table. */
export const actions: readonly Action[] = [...workActions, ...screenActions];

export const laneOfAction = (id: ScreenActionId) =>
  id.startsWith('lane-') ? (lanes[Number(id.slice('lane-'.length)) - 1] ?? 'all') : undefined;

export const isWork = (action: Action): action is WorkAction => action.kind === 'work';

/** How a key is written on the screen. */
export function keyText(key: string): string {
  if (key.startsWith('ctrl-')) return `^${key.slice('ctrl-'.length).toUpperCase()}`;
  return keyNames[key] ?? key;
}

const keyNames: Readonly<Record<string, string>> = {
  space: 'spc',
  enter: 'Enter',
  esc: 'Esc',
  up: '↑',
  down: '↓',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
};
