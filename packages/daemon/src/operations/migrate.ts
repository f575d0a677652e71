import type { TryOperation } from './operation.ts';

/**
 * Brings one database to the newest migration on disk. Its status changes to MIGRATING only when there is
 * something to apply (or when it is a retry, which says so at once).
 */
export const migrate: TryOperation = async (needs, loaded, workId) => {
  const { migrator, tenantDatabases, clock } = needs;
  let database = loaded;
  const outcome = await migrator.migrate(
    { server: database.server, databaseName: database.databaseName, workId },
    {
      onPending: async () => {
        if (database.status === 'MIGRATING') return;
        database.migrationStarted(clock.now());
        database = await tenantDatabases.save(database);
      },
    },
  );
  switch (outcome.kind) {
    case 'transient':
      return { ...outcome, kind: 'again', database };
    case 'failed':
      // Refused before anything ran: the record must say FAILED all the same.
      if (database.status === 'ACTIVE') database.migrationStarted(clock.now());
      database.failed(outcome.failure, clock.now(), outcome.reached);
      break;
    case 'migrated':
      database.migrated(outcome.version, clock.now());
      break;
    case 'unchanged':
      if (database.status === 'MIGRATING') database.migrated(outcome.version, clock.now());
      else database.unchanged(outcome.version, clock.now());
      break;
  }
  return { kind: 'ended', database };
};
