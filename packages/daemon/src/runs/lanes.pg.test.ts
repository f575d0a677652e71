import { randomUUID } from 'node:crypto';
import { PgBossWorkQueue } from '@tenantctl/core/infrastructure/jobs/pg-boss-work-queue';
import { DaemonPrismaRegistry } from '@tenantctl/core/infrastructure/prisma/daemon-prisma-registry';
import { MigrationRunPrismaRepository } from '@tenantctl/core/infrastructure/prisma/migration-run-prisma-repository';
import type { TenantMigrator } from '@tenantctl/core/ports/tenant-migrator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { auditOf, openTestMaster, type TestMaster } from '../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../test/support/postgres.ts';
import { openLog } from '../log.ts';
import { Wakeup } from '../wakeup.ts';
import { LanesService } from './lanes.ts';
import { Steps } from './steps.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const clock = { now: () => new Date() };
const version = '20260201000000_next';
const checksum = 'a'.repeat(64);
const log = openLog({ level: 'silent', format: 'json' });

/** An engine that finds everything to be up to date, but not before it is told to go on with that database. */
class PatientEngine implements TenantMigrator, Disposable {
  readonly goOn = Promise.withResolvers<void>();
  readonly #slow: string;

  constructor(slow: string) {
    this.#slow = slow;
  }

  async migrationsOnDisk() {
    return [{ name: version, checksum }];
  }

  async migrate(...[target]: Parameters<TenantMigrator['migrate']>) {
    if (target.databaseName === this.#slow) await this.goOn.promise;
    return { kind: 'unchanged' as const, version };
  }

  async endSessions(): Promise<void> {
    // There are none.
  }

  [Symbol.dispose](): void {
    this.goOn.resolve();
  }
}

/** A run over a few records with an engine of ours, worked by a daemon's lanes until the block is left. */
async function startRun(master: TestMaster, migrator: TenantMigrator) {
  const daemonId = randomUUID();
  const onError = () => undefined;
  const queue = await PgBossWorkQueue.open({ pool: master.pool, daemonId, onError });
  const { prisma, repository: tenantDatabases } = master;
  const runs = new MigrationRunPrismaRepository({
    client: prisma,
    tenantDatabases,
    onEvents: () => undefined,
  });
  const run = {
    id: randomUUID(),
    targetVersion: version,
    migrations: [{ name: version, checksum }],
    includeFailed: false,
    startedBy: 'test',
    reason: null,
    now: clock.now(),
  };
  await runs.start(run, auditOf('migrationRunStart'));
  const registry = new DaemonPrismaRegistry({ prisma, daemonId });
  const steps = new Steps();
  const wakeup = new Wakeup();
  const shared = { runs, tenantDatabases, migrator, steps, clock, log, queue, registry };
  const stop = new AbortController();
  const running = new LanesService({ ...shared, daemonId, wakeup }).run(stop.signal);
  return {
    run: async () => (await runs.find(run.id)) ?? expect.fail('it was started'),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await queue.close();
    },
  };
}

test('lanes that find nothing more rest while another one is at work', async () => {
  await using master = await openTestMaster(postgres);
  const slow = await master.activeRecord();
  await master.activeRecord();
  const engine = new PatientEngine(slow.databaseName);
  await using lanes = await startRun(master, engine);
  // Lanes end only after what they have in hand.
  using _ = engine;
  await eventually(async () => {
    expect((await lanes.run()).counts).toMatchObject({ done: 1, running: 1, pending: 0 });
  });
  const atWorkForS = async (): Promise<number> => {
    const { rows } = await master.pool.query(
      `SELECT extract(epoch FROM now() - "startedAt")::float8 AS seconds FROM "MigrationRun"`,
    );
    return rows[0]?.seconds;
  };
  await eventually(async () => expect(await atWorkForS()).toBeGreaterThan(3));
  const { rows } = await master.pool.query(
    `SELECT count(*)::int AS jobs FROM pgboss.job WHERE name = 'run-lane'`,
  );
  // 8 lanes, sent at the start and with each tick of 2 s.
  expect(rows[0]?.jobs).toBeLessThan(40);

  engine.goOn.resolve();
  await eventually(async () => expect((await lanes.run()).state).toBe('completed'));
});
