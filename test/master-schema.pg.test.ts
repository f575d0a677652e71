import { readFileSync } from 'node:fs';
import { applyMasterMigrations } from '@tenantctl/core/infrastructure/prisma/master-migrations';
import pg from 'pg';
import { expect, test } from 'vitest';
import { catalogFingerprint } from './support/catalog-fingerprint.ts';
import { startTestPostgres } from './support/postgres.ts';
import { sqlOfSchema } from './support/prisma-schema-sql.ts';

// What schema.prisma cannot say and a migration says in SQL. Anything else is drift.
const said = [
  /^function public\.(append_facts|audit_hash|first_broken_audit_entry)\(/,
  /^function public\.\w+\(.* \| /,
  /^sequence public\."OutboxEvent_seq_seq" /,
  /^constraint \S+ "\w+_(work|state)_check" CHECK/,
  /^index \S+ "\w+" CREATE (UNIQUE )?INDEX .* WHERE /,
];
/** The read model's order: bytes, and nulls first. */
const asModelled = (line: string) =>
  /^(column|index) public\."TenantDatabaseView" /.test(line)
    ? line.replace(' collate "C"', '').replace(' NULLS FIRST)', ')')
    : line;

test('the master’s migrations arrive at what Prisma makes of schema.prisma', async () => {
  await using postgres = await startTestPostgres();
  const [migrated, modelled] = [await postgres.createDatabase(), await postgres.createDatabase()];
  await applyMasterMigrations({ url: postgres.url(migrated), applicationName: 'test' });
  const schema = readFileSync(new URL('../prisma/master/schema.prisma', import.meta.url), 'utf8');
  const client = new pg.Client({ connectionString: postgres.url(modelled) });
  await client.connect();
  await client.query(await sqlOfSchema(schema, postgres.url(modelled)));
  await client.end();
  const lines = await catalogFingerprint(postgres.url(migrated));
  const comparable = lines.filter((line) => !said.some((one) => one.test(line))).map(asModelled);
  expect(comparable).toEqual(await catalogFingerprint(postgres.url(modelled)));
});
