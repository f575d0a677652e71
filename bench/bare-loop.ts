import type pg from 'pg';
import { connect } from './connect.ts';
import { LANES, type Fleet } from './fleet.ts';
import { inParallel } from './in-parallel.ts';
import type { NewMigration } from './migrations.ts';

// What somebody would write in an afternoon, and what the engine is measured against: a connection per tenant, as the
// same role with the same authentication, as many at once as the engine has lanes. Nothing is locked, checked or
// written down beside the tenant's own ledger.

const insertLedger = `INSERT INTO "_prisma_migrations"
  ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
  VALUES (gen_random_uuid()::text, $1, $2, now(), 1)`;
const selectLedger = `SELECT "migration_name", "checksum", "finished_at", "rolled_back_at"
  FROM "_prisma_migrations"`;

/** Applies one migration to every tenant; milliseconds. */
export function migrateBare(fleet: Fleet, { name, sql, checksum }: NewMigration): Promise<number> {
  return inEach(fleet, async (client) => {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(insertLedger, [checksum, name]);
    await client.query('COMMIT');
  });
}

/** Reads every tenant's ledger; milliseconds. */
export function readLedgersBare(fleet: Fleet): Promise<number> {
  return inEach(fleet, (client) => client.query(selectLedger));
}

function inEach(fleet: Fleet, work: (client: pg.Client) => Promise<unknown>): Promise<number> {
  return inParallel(fleet.databases, LANES, async (database) => {
    const client = await connect(fleet.ownerUrl(database));
    await work(client);
    await client.end();
  });
}
