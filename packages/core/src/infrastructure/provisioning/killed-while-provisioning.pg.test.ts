import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import type { ProvisionOnce } from '../../../../../test/support/provision-once.ts';
import {
  migrateMaster,
  migration,
  newRecord,
  provisioningOn,
} from '../../../../../test/support/tenant-server.ts';
import type { ProvisionTarget } from '../../ports/tenant-provisioner.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { ownershipMark, tenantRole } from './names.ts';

const script = path.resolve(import.meta.dirname, '../../../../../test/support/provision-once.ts');
const keys = SecretBox.generateKey('test').reveal();
const first = { name: '20260101000000_init', sql: 'CREATE TABLE product (id int PRIMARY KEY)' };
const second = { name: '20260201000000_more', sql: 'ALTER TABLE product ADD name text' };

type Head = ProvisionOnce['head'];

let postgres: TestPostgres;
let masterUrl: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  masterUrl = postgres.url(await postgres.createDatabase());
  await migrateMaster(masterUrl);
});

afterAll(() => postgres?.stop());

async function withWorld<T>(
  head: Head,
  work: (world: ReturnType<typeof provisioningOn>) => Promise<T>,
): Promise<T> {
  const world = provisioningOn(masterUrl, keys, () =>
    head.map(({ name, sql }) => migration(name, sql)),
  );
  try {
    return await work(world);
  } finally {
    await world.master.close();
  }
}

/** Provisions in a process of its own, which is killed at `crashAt`. */
async function provisionAndDie(crashAt: string, head: Head, target: ProvisionTarget) {
  const input: ProvisionOnce = { masterUrl, keys, head, target };
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--no-warnings', script, JSON.stringify(input)],
    { env: { ...process.env, TENANTD_CRASH_AT: crashAt }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [, signal] = await once(child, 'exit');
  expect(signal, `the process passed ${crashAt}`).toBe('SIGKILL');
}

/**
 * Takes the work up again. Afterwards nothing is left half done, no staging and no template; the version that is
 * said is the version that is there.
 */
async function finish(
  world: ReturnType<typeof provisioningOn>,
  target: ProvisionTarget,
  at: Head[number],
) {
  const { schemaVersion } = await world.provisioner.provision(target);
  expect(schemaVersion).toBe(at.name);
  const { id, databaseName } = target;
  const admin = new Client({ connectionString: masterUrl });
  await admin.connect();
  try {
    const { rows } = await admin.query(
      `SELECT shobj_description(oid, 'pg_database') AS mark, datallowconn AS open,
              has_database_privilege('public', oid, 'CONNECT') AS public,
              (SELECT count(*)::int FROM pg_database
                WHERE datname ~ '^tenantctl_(new|building)_') AS unfinished
         FROM pg_database WHERE datname = $1`,
      [databaseName],
    );
    expect(rows).toEqual([{ mark: ownershipMark(id), open: true, public: false, unfinished: 0 }]);
  } finally {
    await admin.end();
  }
  const password = (await world.credentials.rolePassword(id)).reveal();
  const tenant = new Client({
    connectionString: postgres.url(databaseName, { user: tenantRole(id), password }),
  });
  await tenant.connect();
  try {
    const ledger = await tenant.query('SELECT migration_name FROM _prisma_migrations ORDER BY 1');
    expect(ledger.rows.at(-1)).toEqual({ migration_name: at.name });
    await tenant.query('INSERT INTO product (id) VALUES (1) ON CONFLICT DO NOTHING');
    await expect(tenant.query('DELETE FROM _prisma_migrations')).rejects.toMatchObject({
      code: '42501',
    });
  } finally {
    await tenant.end();
  }
}

test.for([
  'prov.secret_stored',
  'prov.role_created',
  'prov.db_created',
  'prov.public_revoked',
  'prov.marked',
  'prov.renamed',
])('a daemon killed at %s leaves what another one finishes', async (crashAt) => {
  await withWorld([first], async (world) => {
    const target = await newRecord(world);
    await provisionAndDie(crashAt, [first], target);
    await finish(world, target, first);
    // And once more: a job may be handed out again after its work is done.
    await finish(world, target, first);
  });
});

test.for(['template.created', 'template.migrated'])(
  'a daemon killed at %s leaves no template that anyone would use',
  async (crashAt) => {
    const own = { name: `20260301000000_${crashAt.replace('.', '_')}`, sql: 'SELECT 1' };
    await withWorld([first, own], async (world) => {
      const target = await newRecord(world);
      await provisionAndDie(crashAt, [first, own], target);
      await finish(world, target, own);
    });
  },
);

test('what was begun at an older version is finished at the newer one, or says which it is', async () => {
  await withWorld([first, second], async (world) => {
    const staged = await newRecord(world);
    await provisionAndDie('prov.marked', [first], staged);
    await finish(world, staged, second);

    const named = await newRecord(world);
    await provisionAndDie('prov.renamed', [first], named);
    await finish(world, named, first);
  });
});

test('a daemon that is stopped in the middle can no longer go on when another has taken over', async () => {
  await withWorld([first], async (world) => {
    const target = await newRecord(world);
    const stopped = await world.access.admin('default', {
      applicationName: `tenantctl:${target.workId}`,
    });
    await finish(world, target, first);
    await expect(stopped.query('SELECT 1')).rejects.toThrow();
  });
});
