import { createHash } from 'node:crypto';
import { escapeLiteral, type Client } from 'pg';
import { catalogue, isErrorCode, Problem } from '../../domain/errors.ts';
import type { Failure } from '../../domain/failure.ts';
import type { FrozenMigration } from '../../domain/migration-run.ts';
import { crashPoint } from '../../ports/crash-point.ts';
import { closeSession } from '../postgres/close-session.ts';
import { migrateDatabase } from '../migrations/migrate-database.ts';
import type { Migration } from '../migrations/migration-folder.ts';
import { withAdvisoryLock } from '../postgres/advisory-lock.ts';
import { identifier } from '../postgres/identifier.ts';
import { OWNER_ROLE, type ServerAccess } from '../postgres/server-access.ts';
import { BUILDING_PREFIX, TEMPLATE_MARK, TEMPLATE_PREFIX } from './names.ts';
import { isOpenToPublic } from './server-roles.ts';
import { closeLedger, shareWithApp } from './tenant-privileges.ts';

type Template = { readonly name: string; readonly schemaVersion: string | null };

type Build = {
  readonly access: ServerAccess;
  readonly server: string;
  /** The provisioner's session in the database of the server's URL; it holds the lock. */
  readonly client: Client;
  readonly applicationName: string;
  /** In order. */
  readonly migrations: readonly Migration[];
};

/** PostgreSQL's own base for new databases: what the server's administrator put there comes along. */
const EMPTY = 'template1';
/** A history of a few hundred migrations takes seconds. */
const LOCK_WAIT_MS = 300_000;
/** 128 bits, so that the name fits in 63 bytes. */
const CHECKSUM_LENGTH = 32;

/**
 * The server's template with exactly these migrations; built under a lock when there is none, from the template
 * of the longest history that these continue. Nobody can connect to a template, and its name says that it
 * is finished. A migration that fails is thrown as the problem it would be in a tenant's database.
 */
export async function ensureTemplate(build: Build): Promise<Template> {
  const { migrations } = build;
  const template = {
    name: templateName(migrations),
    schemaVersion: migrations.at(-1)?.name ?? null,
  };
  if (await exists(build.client, template.name)) return template;
  const lock = { subject: template.name, waitMs: LOCK_WAIT_MS };
  await withAdvisoryLock(build.client, 'templates', lock, async () => {
    if (await exists(build.client, template.name)) return;
    await dropUnfinished(build.client);
    await buildTemplate(build, template);
    await retireTemplates(build.client, template.name);
  });
  return template;
}

export function templateName(migrations: readonly FrozenMigration[]): string {
  const hash = createHash('sha256');
  for (const { name, checksum } of migrations) hash.update(`${name}\0${checksum}\n`);
  return TEMPLATE_PREFIX + hash.digest('hex').slice(0, CHECKSUM_LENGTH);
}

async function buildTemplate(build: Build, { name, schemaVersion }: Template): Promise<void> {
  const { client, migrations } = build;
  const building = name.replace(TEMPLATE_PREFIX, BUILDING_PREFIX);
  const database = identifier(building);
  const base = await longestPrefix(client, migrations);
  try {
    await client.query(
      `CREATE DATABASE ${database} TEMPLATE ${identifier(base)} STRATEGY wal_log ALLOW_CONNECTIONS false`,
    );
    crashPoint('template.created');
    await admitOwnerOnly(client, building);
    if (base === EMPTY) await inside(build, building, shareWithApp);
    await migrate(build, building);
    crashPoint('template.migrated');
    await inside(build, building, closeLedger);
    await client.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
    const mark = `${TEMPLATE_MARK} ${schemaVersion ?? ''}`.trim();
    await client.query(`COMMENT ON DATABASE ${database} IS ${escapeLiteral(mark)}`);
    await client.query(`ALTER DATABASE ${database} RENAME TO ${identifier(name)}`);
  } catch (error) {
    // Only tidiness: whoever builds next drops what is left.
    await dropUnfinished(client).catch(() => {});
    throw error;
  }
}

async function migrate(build: Build, database: string): Promise<void> {
  const { access, server, applicationName, migrations } = build;
  const outcome = await migrateDatabase({
    database,
    migrations,
    connect: () => access.owner(server, database, { applicationName }),
    hooks: { onPending: async () => {} },
  });
  if ('failure' in outcome) throw problemOfFailure(outcome.failure, database);
}

async function admitOwnerOnly(client: Client, building: string): Promise<void> {
  const database = identifier(building);
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  if (await isOpenToPublic(client, building))
    throw new Problem('PROVISIONING_FAILED', building, { more: 'PUBLIC may still connect to it' });
  await client.query(`GRANT ALL ON DATABASE ${database} TO ${identifier(OWNER_ROLE)}`);
  await client.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
}

async function inside(
  { access, server, applicationName }: Build,
  database: string,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = await access.admin(server, { applicationName, database });
  try {
    await work(client);
  } finally {
    await closeSession(client);
  }
}

async function exists(client: Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  return rowCount === 1;
}

/** The template that lacks the fewest of these migrations. */
async function longestPrefix(
  client: Client,
  migrations: readonly FrozenMigration[],
): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
    [TEMPLATE_PREFIX],
  );
  const present = new Set(rows.map(({ name }) => name));
  for (let length = migrations.length - 1; length > 0; length -= 1) {
    const name = templateName(migrations.slice(0, length));
    if (present.has(name)) return name;
  }
  return EMPTY;
}

/** What a daemon that died while building left behind; under the lock nobody else is building. */
async function dropUnfinished(client: Client): Promise<void> {
  for (const name of await ownDatabases(client, BUILDING_PREFIX))
    await client.query(`DROP DATABASE ${identifier(name)} WITH (FORCE)`);
}

/**
 * Drops all templates but this one and the newest other one, which another daemon may still be provisioning
 * from while a new version is rolled out. One that is being cloned stays until the next time; one that is
 * missed after all is built again.
 */
async function retireTemplates(client: Client, current: string): Promise<void> {
  const others = (await ownDatabases(client, TEMPLATE_PREFIX)).filter((name) => name !== current);
  for (const name of others.slice(1))
    await client.query(`DROP DATABASE ${identifier(name)}`).catch(() => {});
}

/** Newest first, as far as object ids tell. */
async function ownDatabases(client: Client, prefix: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database
      WHERE starts_with(datname, $1) AND pg_get_userbyid(datdba) = current_user ORDER BY oid DESC`,
    [prefix],
  );
  return rows.map(({ name }) => name);
}

/** The failure of a migration, thrown: the facts are the same, and what is transient stays so. */
function problemOfFailure({ code, message, ...facts }: Failure, database: string): Problem {
  if (code === 'MIGRATION_FAILED')
    return new Problem(code, facts.migration ?? database, { more: message, facts });
  if (isErrorCode(code) && catalogue[code].kind === 'world')
    return new Problem(code, database, { more: ` (${message})`, facts });
  return new Problem('PROVISIONING_FAILED', database, { more: message, facts });
}
