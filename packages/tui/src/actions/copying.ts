import type { FleetRow } from '../store/fleet-row.ts';
import { actions, isWork } from './table.ts';

type Copy = { readonly what: string; readonly textOf: (row: FleetRow) => string };

/** What `y` copies of the row under the cursor, by the key that follows. */
export const copies: ReadonlyMap<string, Copy> = new Map([
  ['n', { what: 'name', textOf: (row) => row.slug }],
  ['e', { what: 'error', textOf: errorOf }],
  ['v', { what: 'version', textOf: (row) => row.database?.schemaVersion ?? '' }],
  ['c', { what: 'command', textOf: commandOf }],
]);

function errorOf({ slug, database }: FleetRow): string {
  const failure = database?.failure;
  if (failure === null || failure === undefined) return '';
  const { sqlstate, code, message, migration, statementNumber, statement, detail } = failure;
  return [
    `${slug}: ${[sqlstate, code].filter(Boolean).join(' ')} ${message}`,
    migration === undefined ? '' : `migration ${migration}, statement ${statementNumber ?? '?'}`,
    statement ?? '',
    detail ?? '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** The command that does what the row asks for, else the one that shows it. */
function commandOf(row: FleetRow): string {
  const action = actions
    .filter(isWork)
    .find(({ obstacle, tier }) => tier !== 'T2' && !obstacle(row));
  return action?.cli(row) ?? `tenantctl get ${row.slug}`;
}
