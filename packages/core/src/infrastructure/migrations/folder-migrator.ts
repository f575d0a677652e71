import type { Client } from 'pg';
import { Problem, problemOf } from '../../domain/errors.ts';
import type { MigrationPolicy } from '../../domain/migration-plan.ts';
import type { FrozenMigration } from '../../domain/migration-run.ts';
import type {
  MigrateHooks,
  MigrateOutcome,
  MigrateTarget,
  TenantMigrator,
} from '../../ports/tenant-migrator.ts';
import { closeSession } from '../postgres/close-session.ts';
import { endedByProblem } from './statement-failure.ts';
import { migrateDatabase } from './migrate-database.ts';
import { MigrationFolder, type Migration } from './migration-folder.ts';

const sessionEndTimeoutMs = 10_000;
const sessionEndRounds = 3;

export type SessionTarget = {
  readonly server: string;
  readonly database: string;
  readonly applicationName: string;
};

type Needs = {
  readonly migrationsDirectory: string;
  /** A direct session as the owner of the database's objects (`ServerAccess.owner`). */
  readonly openSession: (target: SessionTarget) => Promise<Client>;
  /** A session on the server that may end the owner's sessions (`ServerAccess.admin`). */
  readonly openAdminSession: (target: Omit<SessionTarget, 'database'>) => Promise<Client>;
  readonly policy?: MigrationPolicy | undefined;
  readonly lockWaitMs?: number | undefined;
};

/** How a session that works under this id calls itself. */
export const applicationNameOf = (workId: string): string => `tenantctl:${workId}`;

/** Applies the folders of one Prisma migrations directory. */
export class FolderMigrator implements TenantMigrator {
  readonly #needs: Needs;
  readonly #folder: MigrationFolder;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#folder = new MigrationFolder({ directory: needs.migrationsDirectory });
  }

  async migrationsOnDisk(
    willRun: (name: string) => boolean = () => false,
  ): Promise<readonly FrozenMigration[]> {
    const migrations = await this.#folder.load();
    for (const { name, script } of migrations) if (willRun(name)) script();
    return migrations.map(({ name, checksum }) => ({ name, checksum }));
  }

  async migrate(target: MigrateTarget, hooks: MigrateHooks): Promise<MigrateOutcome> {
    let migrations: readonly Migration[];
    try {
      migrations = await this.#folder.load();
      if (target.frozen) assertStillAsFrozen(target.frozen, migrations);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const migration = error.code.startsWith('MIGRATIONS_DIR') ? undefined : error.subject;
      return { kind: 'failed', failure: endedByProblem(error, migration).failure };
    }
    const { server, databaseName: database, workId } = target;
    const { openSession, policy, lockWaitMs } = this.#needs;
    return migrateDatabase({
      database,
      migrations,
      hooks,
      only: target.frozen && new Set(target.frozen.map(({ name }) => name)),
      policy: { ...policy, ...(target.resumePartial === true && { resumePartial: true }) },
      lockWaitMs,
      connect: () => openSession({ server, database, applicationName: applicationNameOf(workId) }),
    });
  }

  async endSessions(server: string, workId: string): Promise<void> {
    const applicationName = applicationNameOf(workId);
    const admin = await this.#needs.openAdminSession({ server, applicationName: 'tenantctl:end' });
    try {
      for (let round = 1; ; round += 1) {
        const left = await terminate(admin, applicationName);
        if (left === 0) return;
        if (round === sessionEndRounds) {
          const more = `: ${left} sessions of "${applicationName}" do not end`;
          throw new Problem('SERVER_UNREACHABLE', server, { more });
        }
      }
    } catch (error) {
      throw problemOf(error);
    } finally {
      await closeSession(admin);
    }
  }
}

/** Ends the sessions of that name and waits for each; answers how many were there. */
async function terminate(admin: Client, applicationName: string): Promise<number> {
  const { rowCount } = await admin.query(
    `SELECT pg_catalog.pg_terminate_backend(pid, $2)
       FROM pg_catalog.pg_stat_activity
      WHERE application_name = $1 AND pid <> pg_catalog.pg_backend_pid()`,
    [applicationName, sessionEndTimeoutMs],
  );
  return rowCount ?? 0;
}

function assertStillAsFrozen(
  frozen: readonly FrozenMigration[],
  migrations: readonly Migration[],
): void {
  const onDisk = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of frozen) {
    const migration = onDisk.get(name);
    if (migration === undefined) {
      throw new Problem('MIGRATION_MISSING', name, { more: '; the run was started with it' });
    }
    if (migration.checksum !== checksum) {
      throw new Problem('MIGRATION_EDITED', name, { more: ', or since the run was started' });
    }
  }
}
