import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { lanes, lastAt, rowOfDatabase, workText } from '../store/fleet-row.ts';
import { countOf, countText, spanText } from '../theme/amounts.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import { type Fact, factLines } from './fact-lines.ts';
import type { Look } from './look.ts';
import { statusStyles, statusWord } from './status-word.ts';
import type { Column } from './table.ts';

/** What is wrong with a database, else what is being done to it; empty when neither. */
export function errorOrStep(database: TenantDatabaseViewModel): string {
  const { errorCode, errorMessage } = database;
  if (errorMessage !== null) return [errorCode, errorMessage].filter(Boolean).join(' ');
  return workText(rowOfDatabase(database, 0), undefined);
}

export function ageOf(at: Date, now: Date): string {
  return `${spanText(now.getTime() - at.getTime())} ago`;
}

export const tenantDatabaseColumns = (
  glyphs: Glyphs,
  now: Date,
): readonly Column<TenantDatabaseViewModel>[] => [
  {
    title: 'STATUS',
    text: ({ status }) => statusWord(status, glyphs),
    style: ({ status }) => statusStyles(status),
  },
  { title: 'TENANT', text: ({ tenantSlug }) => tenantSlug },
  { title: 'DATABASE', text: ({ databaseName }) => databaseName, givesWay: true },
  { title: 'SERVER', text: ({ server }) => server },
  { title: 'SCHEMA', text: ({ schemaVersion }) => schemaVersion ?? glyphs.dash },
  { title: 'LAST', text: (database) => ageOf(lastAt(rowOfDatabase(database, 0)), now) },
  { title: 'ERROR / STEP', text: errorOrStep },
];

/** `48 tenant databases: ✗ FAILED 3, ● ACTIVE 45`. */
export function countsLine(databases: readonly TenantDatabaseViewModel[], look: Look): string {
  const counts = lanes.flatMap((lane) => {
    if (lane === 'NO_DATABASE') return [];
    const count = databases.filter(({ status }) => status === lane).length;
    if (count === 0) return [];
    return [
      look.paint(`${statusWord(lane, look.glyphs)} ${countText(count)}`, ...statusStyles(lane)),
    ];
  });
  return [countOf(databases.length, 'tenant database'), counts.join(', ')]
    .filter(Boolean)
    .join(': ');
}

/** Everything that is known of one database, a fact a line. */
export function tenantDatabaseLines(
  database: TenantDatabaseViewModel,
  look: Look,
  now: Date,
): string[] {
  const { failure, work } = database;
  const at = (date: Date | null): string | undefined =>
    date === null ? undefined : `${date.toISOString()} (${ageOf(date, now)})`;
  const facts: readonly Fact[] = [
    ['tenant', `${database.tenantSlug} (${database.tenantId})`],
    ['status', statusWord(database.status, look.glyphs), statusStyles(database.status)],
    ['database', `${database.databaseName} on ${database.server}`],
    ['schema', database.schemaVersion ?? 'none'],
    ['migrated', at(database.lastMigrationAt)],
    ['work', work && `${work.operation}, attempt ${work.attempt}, since ${at(work.since)}`],
    ['failed', database.failedOperation],
    ['error', failure && `${failure.sqlstate ?? failure.code} ${failure.message}`],
    ['migration', failure?.migration],
    ['statement', failure?.statement && `${failure.statementNumber ?? '?'}: ${failure.statement}`],
    ['detail', failure?.detail],
    ['created', at(database.createdAt)],
    ['updated', at(database.updatedAt)],
    ['id', `${database.id}, revision ${database.revision}`],
  ];
  return factLines(facts, look);
}
