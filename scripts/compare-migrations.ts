import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { migrateDatabase } from '@tenantctl/core/infrastructure/migrations/migrate-database';
import {
  MigrationFolder,
  type Migration,
} from '@tenantctl/core/infrastructure/migrations/migration-folder';
import { Client } from 'pg';
import { catalogFingerprint } from '../test/support/catalog-fingerprint.ts';
import { startTestPostgres } from '../test/support/postgres.ts';

// Applies a Prisma migrations folder twice on an embedded PostgreSQL of its own, with our engine, and file by file
// over a bare connection, and compares the two schemas:
//
//   node --conditions=source scripts/compare-migrations.ts --migrations prisma/tenant/migrations
//
// Ends with 0 when both are equal, also when both stop at the same migration with the same error.

type Applied = {
  readonly count: number;
  readonly ms: number;
  /** `migration: SQLSTATE or code, message` of what ended it. */
  readonly stopped: string | undefined;
};

const { values } = parseArgs({ options: { migrations: { type: 'string' } } });
if (values.migrations === undefined) {
  console.error('usage: compare-migrations.ts --migrations <Prisma migrations folder>');
  process.exit(2);
}
const directory = values.migrations;
const migrations = await new MigrationFolder({ directory }).load();

await using postgres = await startTestPostgres();
const connectTo = (database: string) => async () => {
  const client = new Client({ connectionString: postgres.url(database) });
  await client.connect();
  return client;
};

const bareDatabase = await postgres.createDatabase();
const bare = await applyBare(connectTo(bareDatabase));
const ourDatabase = await postgres.createDatabase();
const ours = await applyWithEngine(ourDatabase, connectTo(ourDatabase));
const expected = await catalogFingerprint(postgres.url(bareDatabase));
const actual = await catalogFingerprint(postgres.url(ourDatabase));
const again = await applyWithEngine(ourDatabase, connectTo(ourDatabase));

const missing = expected.filter((line) => !actual.includes(line));
const extra = actual.filter((line) => !expected.includes(line));
const bracketed = migrations.filter(({ script }) => hasOwnTransaction(script));
report('migrations', `${migrations.length} (${modes()}, ${bracketed.length} with BEGIN … COMMIT)`);
report('bare', `${bare.count} applied in ${bare.ms} ms${stopped(bare)}`);
report('engine', `${ours.count} applied in ${ours.ms} ms${stopped(ours)}`);
report('engine again', `${again.count} applied in ${again.ms} ms${stopped(again)}`);
report('catalog', `${expected.length} lines, ${missing.length} missing, ${extra.length} extra`);
for (const line of missing) console.log(`  - ${line}`);
for (const line of extra) console.log(`  + ${line}`);
const equal = missing.length + extra.length === 0 && bare.stopped === ours.stopped;
report('result', equal ? 'equal' : 'DIFFERENT');
process.exitCode = equal ? 0 : 1;

function report(what: string, text: string): void {
  console.log(`${what.padEnd(13)} ${text}`);
}

function stopped({ stopped: why }: Applied): string {
  return why === undefined ? '' : `, stopped at ${why}`;
}

function modes(): string {
  const split = migrations.filter(({ script }) => readable(script)?.mode === 'split');
  const refused = migrations.filter(({ script }) => readable(script) === undefined);
  return `${split.length} statement by statement, ${refused.length} refused`;
}

function readable(script: Migration['script']): ReturnType<Migration['script']> | undefined {
  try {
    return script();
  } catch {
    return undefined;
  }
}

function hasOwnTransaction(script: Migration['script']): boolean {
  // What was blanked out is counted in the numbers, but not in the list.
  return readable(script)?.statements.some(({ number }, index) => number > index + 1) ?? false;
}

async function applyBare(connect: () => Promise<Client>): Promise<Applied> {
  const started = performance.now();
  const client = await connect();
  let count = 0;
  let why: string | undefined;
  for (const { name } of migrations) {
    try {
      await client.query(await readFile(`${directory}/${name}/migration.sql`, 'utf8'));
      count += 1;
    } catch (error) {
      why = `${name}: ${codeOf(error)}, ${error instanceof Error ? error.message : String(error)}`;
      await client.query('ROLLBACK');
      break;
    }
  }
  const ms = Math.round(performance.now() - started);
  await client.end();
  return { count, ms, stopped: why };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
}

async function applyWithEngine(database: string, connect: () => Promise<Client>): Promise<Applied> {
  const started = performance.now();
  let count = 0;
  const onStep = () => void (count += 1);
  const hooks = { onPending: async () => {}, onStep };
  const outcome = await migrateDatabase({ database, connect, migrations, hooks });
  const ms = Math.round(performance.now() - started);
  if (outcome.kind === 'unchanged' || outcome.kind === 'migrated') {
    return { count, ms, stopped: undefined };
  }
  const { migration, sqlstate, code, message } = outcome.failure;
  return {
    count: Math.max(0, count - 1),
    ms,
    stopped: `${migration}: ${sqlstate ?? code}, ${message}`,
  };
}
