import { Problem } from './errors.ts';

/** A migration folder as the plan sees it. `acceptedChecksums` holds every form of its checksum that matches. */
export type PlannedMigration = {
  readonly name: string;
  readonly checksum: string;
  readonly acceptedChecksums: readonly string[];
};

/** One row of `_prisma_migrations`. */
export type LedgerRow = {
  readonly id: string;
  readonly migrationName: string;
  readonly checksum: string;
  readonly finished: boolean;
  readonly rolledBack: boolean;
  readonly appliedStepsCount: number;
  /** Needed of unfinished rows only. */
  readonly logs: string | null;
};

/** What may be let through that is refused otherwise; each for itself. */
export type MigrationPolicy = {
  readonly allowEdited?: boolean | undefined;
  readonly allowMissing?: boolean | undefined;
  readonly allowOutOfOrder?: boolean | undefined;
  /** A migration that we ran statement by statement and that failed: go on at the statement that failed. */
  readonly resumePartial?: boolean | undefined;
};

/** A migration that we began statement by statement: the first `appliedStepsCount` statements are done. */
export type Resumption = {
  readonly rowId: string;
  readonly appliedStepsCount: number;
  /** Nobody recorded how the next statement ended: our process died, or the cause was transient. */
  readonly interrupted: boolean;
};

export type PendingMigration<M extends PlannedMigration> = {
  readonly migration: M;
  readonly resume?: Resumption | undefined;
};

export type MigrationPlan<M extends PlannedMigration> =
  | {
      readonly kind: 'plan';
      /** Finished migrations, in order. */
      readonly applied: readonly string[];
      readonly pending: readonly PendingMigration<M>[];
      /** Our own failed rows, rolled back whole: to be marked so before the rerun. */
      readonly markRolledBack: readonly string[];
    }
  | { readonly kind: 'refused'; readonly problem: Problem };

/**
 * First lines of `logs` in rows of ours, by which an unfinished row tells how much of its migration is in
 * the database. Rows of the Prisma CLI have neither.
 */
export const ledgerMarks = {
  rolledBackWhole: 'tenantctl: failed and was rolled back as a whole',
  statementByStatement: 'tenantctl: is applied statement by statement',
  stoppedAtStatement: 'tenantctl: stopped at a failed statement, those before it are applied',
} as const;

// The locale is named so that daemons with different environments agree.
const collator = new Intl.Collator('en');

/** The order of migrations: `localeCompare` of their folder names, as Prisma's; it is not the order of bytes. */
export const compareMigrationNames: (a: string, b: string) => number = collator.compare;

/**
 * What is to be done with a database that has this ledger. Refuses what Prisma is silent about (edited,
 * missing, late migrations) unless the policy allows it, and what nobody can repeat safely.
 * `only` narrows what is applied to these names; `upTo` to the names up to that one.
 */
export function planMigrations<M extends PlannedMigration>({
  ledger,
  onDisk,
  only,
  upTo,
  policy = {},
}: {
  readonly ledger: readonly LedgerRow[];
  readonly onDisk: readonly M[];
  readonly only?: ReadonlySet<string> | undefined;
  readonly upTo?: string | undefined;
  readonly policy?: MigrationPolicy | undefined;
}): MigrationPlan<M> {
  const sorted = onDisk.toSorted((a, b) => compareMigrationNames(a.name, b.name));
  const rows = ledger.filter((row) => !row.rolledBack);
  const open = rows.filter((row) => !row.finished);
  const finished = Map.groupBy(
    rows.filter((row) => row.finished),
    (row) => row.migrationName,
  );
  const applied = [...finished.keys()].toSorted(compareMigrationNames);
  const { resumptions, markRolledBack, problem } = readOpenRows(open, sorted, policy);
  const refusal =
    problem ?? historyProblem(finished, sorted, policy) ?? unknownTarget(upTo, sorted);
  if (refusal !== undefined) return { kind: 'refused', problem: refusal };

  const wanted = sorted.filter(
    ({ name }) =>
      (only === undefined || only.has(name)) &&
      (upTo === undefined || compareMigrationNames(name, upTo) <= 0),
  );
  const pending = wanted
    .filter(({ name }) => !finished.has(name))
    .map((migration) => ({ migration, resume: resumptions.get(migration.name) }));
  const newest = applied.at(-1);
  const late = pending.find(
    ({ migration, resume }) =>
      newest !== undefined &&
      resume === undefined &&
      compareMigrationNames(migration.name, newest) < 0,
  );
  if (late !== undefined && policy.allowOutOfOrder !== true) {
    return {
      kind: 'refused',
      problem: new Problem('MIGRATION_OUT_OF_ORDER', late.migration.name, {
        more: `, "${newest}"`,
        facts: { newestApplied: newest },
      }),
    };
  }
  return { kind: 'plan', applied, pending, markRolledBack };
}

type OpenRows = {
  readonly resumptions: ReadonlyMap<string, Resumption>;
  readonly markRolledBack: readonly string[];
  readonly problem?: Problem | undefined;
};

function readOpenRows(
  open: readonly LedgerRow[],
  onDisk: readonly PlannedMigration[],
  policy: MigrationPolicy,
): OpenRows {
  const resumptions = new Map<string, Resumption>();
  const markRolledBack: string[] = [];
  for (const row of open) {
    if (row.logs?.startsWith(ledgerMarks.rolledBackWhole)) {
      markRolledBack.push(row.id);
      continue;
    }
    const interrupted = row.logs?.startsWith(ledgerMarks.statementByStatement) ?? false;
    const stopped = row.logs?.startsWith(ledgerMarks.stoppedAtStatement) ?? false;
    const file = onDisk.find(({ name }) => name === row.migrationName);
    const same = file?.acceptedChecksums.includes(row.checksum) ?? false;
    const mayResume = interrupted || (stopped && policy.resumePartial === true);
    if (!mayResume || !same || resumptions.has(row.migrationName)) {
      const problem = partial(row, { ours: interrupted || stopped, same });
      return { resumptions, markRolledBack, problem };
    }
    const { id: rowId, appliedStepsCount } = row;
    resumptions.set(row.migrationName, { rowId, appliedStepsCount, interrupted });
  }
  return { resumptions, markRolledBack };
}

function partial(row: LedgerRow, { ours, same }: { ours: boolean; same: boolean }): Problem {
  const done = `: its first ${row.appliedStepsCount} statements are done`;
  const edited = same ? '' : ', and its file is no longer the one that was begun';
  return new Problem('MIGRATION_PARTIAL', row.migrationName, {
    more: ours ? `${done}${edited}` : ', begun by the Prisma CLI or another tool, and not finished',
    facts: { appliedStepsCount: row.appliedStepsCount, logs: row.logs },
  });
}

function historyProblem(
  finished: ReadonlyMap<string, readonly LedgerRow[]>,
  onDisk: readonly PlannedMigration[],
  policy: MigrationPolicy,
): Problem | undefined {
  const files = new Map(onDisk.map((file) => [file.name, file]));
  for (const [name, rows] of finished) {
    const file = files.get(name);
    if (file === undefined) {
      if (policy.allowMissing !== true) return new Problem('MIGRATION_MISSING', name);
    } else if (
      policy.allowEdited !== true &&
      !rows.some((row) => file.acceptedChecksums.includes(row.checksum))
    ) {
      return new Problem('MIGRATION_EDITED', name);
    }
  }
  return undefined;
}

function unknownTarget(
  upTo: string | undefined,
  onDisk: readonly PlannedMigration[],
): Problem | undefined {
  if (upTo === undefined || onDisk.some(({ name }) => name === upTo)) return undefined;
  return new Problem('INVALID_INPUT', upTo, { more: 'is not the name of a migration on disk' });
}
