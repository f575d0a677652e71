import { afterAll, beforeAll } from 'vitest';
import { openTestMaster, type TestMaster } from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { tenantDatabaseReadRepositoryContract } from '../../ports/contracts/tenant-database-read-repository.contract.ts';
import { TenantDatabasePostgresReadRepository } from './tenant-database-postgres-read-repository.ts';

let postgres: TestPostgres;
let master: TestMaster;
beforeAll(async () => {
  postgres = await startTestPostgres();
  master = await openTestMaster(postgres);
});
afterAll(async () => {
  await master[Symbol.asyncDispose]();
  await postgres.stop();
});

tenantDatabaseReadRepositoryContract('PostgreSQL', async () => ({
  repository: new TenantDatabasePostgresReadRepository({ pool: master.pool }),
  [Symbol.asyncDispose]: async () => {
    await master.pool.query(
      'TRUNCATE "TenantDatabaseView", "TenantDatabaseTombstone", "ReadModelCursor"',
    );
  },
}));
