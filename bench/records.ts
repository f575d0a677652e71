import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { connect } from './connect.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startTenantd, type Tenantd } from './tenantd.ts';

const migrations = path.resolve(import.meta.dirname, '../prisma/tenant/migrations');
const LANES = 8;

const insertTenants = `INSERT INTO "Tenant" ("id", "slug", "name", "updatedAt")
  SELECT gen_random_uuid(), 'record-' || lpad(n::text, 6, '0'), 'Record ' || n, now()
  FROM generate_series(1, $1) AS n`;
const insertDatabases = `INSERT INTO "TenantDatabase"
    ("id", "tenantId", "databaseName", "readDatabaseName", "status", "schemaVersion", "lastMigrationAt", "updatedAt")
  SELECT gen_random_uuid(), "id", 'tenant_' || replace("slug", '-', '_'), 'tenant_' || replace("slug", '-', '_') || '_read',
    'ACTIVE', '20250101000000_before', now(), now()
  FROM "Tenant" WHERE "slug" LIKE 'record-%'`;

/** A master database of records alone, whose tenants have no real databases. */
export async function insertRecords(masterUrl: string, count: number): Promise<void> {
  const client = await connect(masterUrl);
  try {
    await client.query(insertTenants, [count]);
    await client.query(insertDatabases);
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

/** A daemon with a master database of its own. */
export interface Records extends AsyncDisposable {
  readonly daemon: Tenantd;
  readonly masterUrl: string;
}

export async function openRecords(server: PostgresServer, name: string): Promise<Records> {
  const masterUrl = await server.makeMaster(name);
  const daemon = await startTenantd({
    masterUrl,
    encryptionKeys: `bench:${randomBytes(32).toString('base64')}`,
    migrations,
    stateDirectory: path.join(server.directory, name),
    lanes: LANES,
  });
  return { daemon, masterUrl, [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
}
