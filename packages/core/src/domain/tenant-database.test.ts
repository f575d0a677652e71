import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from './errors.ts';
import type { Failure } from './failure.ts';
import { TenantDatabasePrimitives } from './tenant-database-primitives.ts';
import { TenantDatabaseAggregate } from './tenant-database.ts';
import type { Operation, Work } from './work.ts';

const created = new Date('2026-11-21T09:00:00.000Z');
const now = new Date('2026-11-21T10:00:00.000Z');
const failure: Failure = { code: 'MIGRATION_FAILED', message: 'it failed', sqlstate: '23505' };

const workOf = (operation: Operation, id = '33333333-3333-4333-8333-333333333333'): Work => ({
  kind: 'operation',
  id,
  operation,
  attempt: 0,
  since: now,
});
const other = (operation: Operation) => workOf(operation, '44444444-4444-4444-8444-444444444444');

/** A stored record that nobody works on; ACTIVE unless told otherwise. */
function database(over: Partial<TenantDatabasePrimitives> = {}): TenantDatabaseAggregate {
  return TenantDatabaseAggregate.fromPrimitives({
    ...TenantDatabasePrimitives.parse({
      id: '22222222-2222-4222-8222-222222222222',
      tenantId: '11111111-1111-4111-8111-111111111111',
      tenantSlug: 'acme',
      server: 'default',
      databaseName: 'tenant_acme',
      readDatabaseName: 'tenant_acme_read',
      status: 'ACTIVE',
      statusBeforeSuspension: null,
      schemaVersion: '20250101_init',
      lastMigrationAt: created,
      failedOperation: null,
      failure: null,
      work: null,
      revision: 7,
      createdAt: created,
      updatedAt: created,
      deletedAt: null,
    }),
    ...over,
  });
}

/** Every situation a record can be in, besides deleted and claimed ones. */
const situations = {
  provisioning: () => database({ status: 'PROVISIONING' }),
  active: () => database(),
  migrating: () => database({ status: 'MIGRATING' }),
  'failed to provision': () =>
    database({ status: 'FAILED', failedOperation: 'provision', failure }),
  'failed to migrate': () => database({ status: 'FAILED', failedOperation: 'migrate', failure }),
  'suspended while active': () =>
    database({ status: 'SUSPENDED', statusBeforeSuspension: 'ACTIVE' }),
  'suspended while failed': () =>
    database({
      status: 'SUSPENDED',
      statusBeforeSuspension: 'FAILED',
      failedOperation: 'migrate',
      failure,
    }),
} as const;
type Situation = keyof typeof situations;
const everySituation = Object.keys(situations) as Situation[];

/** Everything that can be asked of a record. */
const moves = {
  provisioned: (db: TenantDatabaseAggregate) => db.provisioned('20260101_more', now),
  failed: (db: TenantDatabaseAggregate) => db.failed(failure, now),
  'queue a migration': (db: TenantDatabaseAggregate) => db.queueMigration(workOf('migrate'), now),
  'migration started': (db: TenantDatabaseAggregate) => db.migrationStarted(now),
  migrated: (db: TenantDatabaseAggregate) => db.migrated('20260101_more', now),
  'rolled back': (db: TenantDatabaseAggregate) => db.rolledBack(now),
  retry: (db: TenantDatabaseAggregate) => db.retried(workOf, now),
  'queue a suspension': (db: TenantDatabaseAggregate) => db.queueSuspension(workOf('suspend'), now),
  suspended: (db: TenantDatabaseAggregate) => db.suspended(now),
  'queue a resumption': (db: TenantDatabaseAggregate) => db.queueResumption(workOf('resume'), now),
  resumed: (db: TenantDatabaseAggregate) => db.resumed(now),
  'repaired by hand': (db: TenantDatabaseAggregate) => db.repairedByHand('looked at it', now),
  'set to ACTIVE by hand': (db: TenantDatabaseAggregate) => db.setByHand('ACTIVE', 'I saw', now),
  'set to FAILED by hand': (db: TenantDatabaseAggregate) => db.setByHand('FAILED', 'I saw', now),
  delete: (db: TenantDatabaseAggregate) => db.delete(now),
} as const;
type Move = keyof typeof moves;
const everyMove = Object.keys(moves) as Move[];

/** The life of a database as it is specified: what is legal, and the status it leads to. Nothing else is. */
const legal: { readonly [M in Move]: { readonly [S in Situation]?: string } } = {
  provisioned: { provisioning: 'ACTIVE' },
  failed: { provisioning: 'FAILED', migrating: 'FAILED' },
  'queue a migration': { active: 'ACTIVE' },
  'migration started': { active: 'MIGRATING' },
  migrated: { migrating: 'ACTIVE' },
  'rolled back': { migrating: 'ACTIVE' },
  retry: { 'failed to provision': 'PROVISIONING', 'failed to migrate': 'MIGRATING' },
  'queue a suspension': { active: 'ACTIVE', 'failed to migrate': 'FAILED' },
  suspended: { active: 'SUSPENDED', 'failed to migrate': 'SUSPENDED' },
  'queue a resumption': {
    'suspended while active': 'SUSPENDED',
    'suspended while failed': 'SUSPENDED',
  },
  resumed: { 'suspended while active': 'ACTIVE', 'suspended while failed': 'FAILED' },
  'repaired by hand': { 'failed to provision': 'ACTIVE', 'failed to migrate': 'ACTIVE' },
  'set to ACTIVE by hand': { provisioning: 'ACTIVE' },
  'set to FAILED by hand': { provisioning: 'FAILED' },
  delete: {
    active: 'ACTIVE',
    'failed to provision': 'FAILED',
    'failed to migrate': 'FAILED',
    'suspended while active': 'SUSPENDED',
    'suspended while failed': 'SUSPENDED',
  },
};

const cases = everyMove.flatMap((move) =>
  everySituation.map((situation) => [situation, move, legal[move][situation]] as const),
);

function refusal(act: () => void): Problem {
  try {
    act();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test.each(cases.filter(([, , to]) => to !== undefined))(
  '%s, %s: leads to %s, one revision and one event on',
  (situation, move, to) => {
    const db = situations[situation]();
    moves[move](db);
    expect(db.status).toBe(to);
    expect(db.revision).toBe(8);
    expect(db.updatedAt).toEqual(now);
    expect(db.pullEvents()).toEqual([
      expect.objectContaining({ at: now, database: db.toPrimitives() }),
    ]);
  },
);

test.each(cases.filter(([, , to]) => to === undefined))(
  '%s, %s: is refused, and nothing has changed',
  (situation, move) => {
    const db = situations[situation]();
    const before = db.toPrimitives();
    const problem = refusal(() => moves[move](db));
    expect(problem.code).toBe(move === 'retry' ? 'NOTHING_TO_RETRY' : 'ILLEGAL_TRANSITION');
    expect(problem.message).toContain(`Tenant database "acme" is ${before.status}`);
    expect(db.toPrimitives()).toEqual(before);
    expect(db.pullEvents()).toEqual([]);
  },
);

test('a refusal says what is legal instead', () => {
  const { message, facts } = refusal(() => situations['failed to migrate']().migrationStarted(now));
  expect(message).toBe(
    'Tenant database "acme" is FAILED and cannot be migrated (legal now: retried, repaired by hand, suspended)',
  );
  expect(facts).toEqual({ status: 'FAILED', legal: ['retried', 'repaired-by-hand', 'suspended'] });
});

test('what never became a database is not said to be suspendable', () => {
  const db = situations['failed to provision']();
  const { facts, help } = refusal(() => db.migrationStarted(now));
  expect(facts).toEqual({ status: 'FAILED', legal: ['retried', 'repaired-by-hand'] });
  expect(help).toBe('Remove the cause, then: tenantctl retry acme');
});

test('a new record has one event, which is handed over once', () => {
  const { id, tenantId, tenantSlug } = database();
  const db = TenantDatabaseAggregate.create({
    id,
    tenant: { id: tenantId, slug: tenantSlug },
    server: 'eu1',
    now,
  });
  expect(db.toPrimitives()).toMatchObject({
    status: 'PROVISIONING',
    databaseName: `tenant_${tenantId}`,
    readDatabaseName: `tenant_${tenantId}_read`,
    server: 'eu1',
    revision: 1,
    work: null,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  });
  expect(db.stored).toBeNull();
  expect(db.pullEvents()).toEqual([
    { type: 'TenantDatabaseCreatedEvent', at: now, database: db.toPrimitives() },
  ]);
  expect(db.pullEvents()).toEqual([]);
});

test('what is stored is what a save is guarded by, whatever has happened since', () => {
  const db = database();
  db.queueMigration(workOf('migrate'), now);
  expect(db.stored).toEqual({ revision: 7, work: null });
  expect(db.work).toEqual(workOf('migrate'));
});

test('a failure keeps its reason until the retry', () => {
  const db = situations.migrating();
  db.failed(failure, now);
  expect(db).toMatchObject({ failedOperation: 'migrate', failure, errorMessage: 'it failed' });
  db.retried(workOf, now);
  expect(db).toMatchObject({ failedOperation: null, failure: null, errorMessage: null });
  expect(db.work).toEqual(workOf('migrate'));
});

test('a migration that failed half way leaves the record at the version that it reached', () => {
  const failed = situations.migrating();
  failed.failed(failure, now, '20250602_reached');
  expect(failed).toMatchObject({ status: 'FAILED', schemaVersion: '20250602_reached' });
  const back = situations.migrating();
  back.rolledBack(now, '20250602_reached');
  expect(back).toMatchObject({ status: 'ACTIVE', schemaVersion: '20250602_reached' });
});

test('a retry takes up whichever operation failed', () => {
  const db = situations['failed to provision']();
  db.retried(workOf, now);
  expect(db.work?.operation).toBe('provision');
  expect(db.pullEvents()).toMatchObject([{ change: 'provisioning-started' }]);
});

test('a suspended database goes back to the failure it had', () => {
  const db = situations['failed to migrate']();
  db.suspended(now);
  db.resumed(now);
  expect(db).toMatchObject({ status: 'FAILED', failedOperation: 'migrate', failure });
});

test('a suspension that failed leaves its reason until one succeeds', () => {
  const db = database({ work: workOf('suspend') });
  db.operationFailed(failure, now);
  expect(db).toMatchObject({ status: 'ACTIVE', work: null, failure });
  expect(db.pullEvents()).toMatchObject([{ change: 'operation-failed', reason: 'it failed' }]);
  db.suspended(now);
  expect(db).toMatchObject({ status: 'SUSPENDED', failure: null });
});

test('a suspension that failed does not hide why the migration failed', () => {
  const db = situations['failed to migrate']();
  db.operationFailed({ code: 'SERVER_UNREACHABLE', message: 'gone' }, now);
  expect(db.failure).toEqual(failure);
  expect(db.pullEvents()).toMatchObject([{ change: 'operation-failed', reason: 'gone' }]);
});

test.each<Move>(['queue a migration', 'queue a suspension', 'delete'])(
  'a claimed database refuses to %s and names the work',
  (move) => {
    const db = database({ work: other('migrate') });
    const { code, message, facts } = refusal(() => moves[move](db));
    expect(code).toBe('OPERATION_IN_PROGRESS');
    expect(message).toBe('Tenant database "acme" is being worked on: migrate is under way');
    expect(facts).toEqual({ work: other('migrate') });
    expect(db.work).toEqual(other('migrate'));
  },
);

test('a database that a run holds says so', () => {
  const db = database({ work: { ...other('migrate'), kind: 'item' } });
  expect(refusal(() => moves['queue a suspension'](db)).message).toContain('a run migrates it');
});

test('the work that claimed a database may claim it again', () => {
  const db = database({ status: 'FAILED', failedOperation: 'migrate', work: workOf('migrate') });
  db.retried(() => workOf('migrate'), now);
  expect(db.status).toBe('MIGRATING');
});

test('work that has ended gives the database back', () => {
  const db = database({ status: 'MIGRATING', work: workOf('migrate') });
  db.migrated('20260101_more', now);
  db.assertIdle();
  expect(db).toMatchObject({ schemaVersion: '20260101_more', lastMigrationAt: now });
});

test.each(everyMove.filter((move) => move !== 'delete' && move !== 'retry'))(
  'a deleted database cannot: %s',
  (move) => {
    const situation = everySituation.find((one) => legal[move][one] !== undefined);
    const { status, statusBeforeSuspension, failedOperation } =
      situations[situation ?? 'active']().toPrimitives();
    const db = database({ status, statusBeforeSuspension, failedOperation, deletedAt: created });
    expect(refusal(() => moves[move](db)).code).toBe('TENANT_DATABASE_DELETED');
  },
);

test('deleting keeps the status, and undeleting gives it back', () => {
  const db = situations['suspended while failed']();
  db.delete(now);
  expect(db.deletedAt).toEqual(now);
  expect(refusal(() => db.delete(now)).code).toBe('TENANT_DATABASE_DELETED');
  db.undelete(now);
  expect(db).toMatchObject({ status: 'SUSPENDED', deletedAt: null, revision: 9 });
  const types = db.pullEvents().map(({ type }) => type);
  expect(types).toEqual(['TenantDatabaseDeletedEvent', 'TenantDatabaseUpdatedEvent']);
});

test('only what is deleted is undeleted or purged', () => {
  const db = database();
  expect(refusal(() => db.undelete(now)).message).toContain('cannot be undeleted');
  expect(refusal(() => db.assertPurgeable()).message).toContain('it must be deleted first');
  db.delete(now);
  db.assertPurgeable();
});

test('a delete without an event is one all the same', () => {
  const db = database();
  db.delete(now, false);
  expect(db.deletedAt).toEqual(now);
  expect(db.pullEvents()).toEqual([]);
});

test('a sender that saw another revision is refused and told the one there is', () => {
  const db = database();
  db.assertRevision(undefined);
  db.assertRevision(7);
  const { code, message, facts } = refusal(() => db.assertRevision(6));
  expect(code).toBe('REVISION_CONFLICT');
  expect(message).toContain('revision 6 then, 7 and ACTIVE now');
  expect(facts).toEqual({ revision: 7, status: 'ACTIVE' });
});

test('an update to what the record says already is no change', () => {
  const db = situations['failed to migrate']();
  const { status, readDatabaseName, lastMigrationAt } = db;
  db.update({
    status,
    readDatabaseName,
    lastMigrationAt: lastMigrationAt ?? now,
    errorMessage: 'it failed',
    now,
  });
  expect(db.revision).toBe(7);
  expect(db.pullEvents()).toEqual([]);
});

test.each<[Situation, 'ACTIVE' | 'FAILED']>([
  ['provisioning', 'ACTIVE'],
  ['provisioning', 'FAILED'],
  ['failed to provision', 'ACTIVE'],
  ['failed to migrate', 'ACTIVE'],
])('%s may be updated to %s, with the reason in the event', (situation, status) => {
  const db = situations[situation]();
  db.update({ status, reason: 'I looked', now });
  expect(db.status).toBe(status);
  expect(db.pullEvents()).toMatchObject([{ change: 'edited', reason: 'I looked' }]);
});

test.each(
  everySituation.flatMap((situation) =>
    (['PROVISIONING', 'ACTIVE', 'MIGRATING', 'FAILED', 'SUSPENDED'] as const)
      .filter((status) => situations[situation]().status !== status)
      .filter(
        (status) =>
          !(situation === 'provisioning' && (status === 'ACTIVE' || status === 'FAILED')) &&
          !(situation.startsWith('failed') && status === 'ACTIVE'),
      )
      .map((status) => [situation, status] as const),
  ),
)('%s may not be updated to %s', (situation, status) => {
  const db = situations[situation]();
  expect(refusal(() => db.update({ status, now })).code).toBe('ILLEGAL_TRANSITION');
  expect(db.revision).toBe(7);
});

test('an update of a claimed, PROVISIONING database does not touch its status', () => {
  const db = database({ status: 'PROVISIONING', work: other('provision') });
  expect(refusal(() => db.update({ status: 'ACTIVE', now })).code).toBe('OPERATION_IN_PROGRESS');
});

test('a deleted database is not updated', () => {
  const db = database({ deletedAt: created });
  expect(refusal(() => db.update({ errorMessage: 'x', now })).code).toBe('TENANT_DATABASE_DELETED');
});

test('an update without an event changes the record all the same', () => {
  const db = database();
  db.update({ errorMessage: 'slow disk', now }, false);
  expect(db).toMatchObject({ errorMessage: 'slow disk', revision: 8 });
  expect(db.pullEvents()).toEqual([]);
});

test('primitives are a copy', () => {
  const db = situations['failed to migrate']();
  const copy = db.toPrimitives();
  copy.failure = null;
  copy.updatedAt.setFullYear(1970);
  expect(db.failure).toEqual(failure);
  expect(db.updatedAt).toEqual(created);
});

test('whatever is asked of it in whatever order, a record stays a possible one', () => {
  const story = fc.array(fc.constantFrom(...everyMove), { maxLength: 30 });
  fc.assert(
    fc.property(fc.constantFrom(...everySituation), story, (situation, asked) => {
      const db = situations[situation]();
      for (const move of asked) {
        const { revision } = db;
        const accepted = attempt(() => moves[move](db));
        expect(db.revision).toBe(accepted ? revision + 1 : revision);
        expect(db.pullEvents()).toHaveLength(accepted ? 1 : 0);
        expectPossible(db.toPrimitives());
      }
    }),
  );
});

function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return false;
  }
}

/** What holds of every record: it can be read again, and says why it failed exactly when it has. */
function expectPossible(record: TenantDatabasePrimitives): void {
  const { status, statusBeforeSuspension, failedOperation, deletedAt } = record;
  expect(TenantDatabaseAggregate.fromPrimitives(record).toPrimitives()).toEqual(record);
  expect(statusBeforeSuspension !== null).toBe(status === 'SUSPENDED');
  const hasFailed = status === 'FAILED' || statusBeforeSuspension === 'FAILED';
  expect(failedOperation !== null).toBe(hasFailed);
  if (hasFailed) expect(record.failure).not.toBeNull();
  if (deletedAt !== null) expect(['ACTIVE', 'FAILED', 'SUSPENDED']).toContain(status);
}
