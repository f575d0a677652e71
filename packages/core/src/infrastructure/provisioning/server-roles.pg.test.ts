import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import {
  migrateMaster,
  migration,
  newRecord,
  provisioningOn,
} from '../../../../../test/support/tenant-server.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { tenantRole } from './names.ts';
import { ensureServerRoles } from './server-roles.ts';

const keys = SecretBox.generateKey('test').reveal();
const head = [migration('20260101000000_init', 'CREATE TABLE product (id int PRIMARY KEY)')];

/** A server that no daemon has seen yet, and sessions on it as the superuser and as daemons. */
async function newServer() {
  const postgres = await startTestPostgres();
  onTestFinished(() => postgres.stop());
  await migrateMaster(postgres.masterUrl);
  const superuser = new Client({ connectionString: postgres.superuserUrl });
  superuser.on('error', () => {});
  await superuser.connect();
  onTestFinished(() => superuser.end().catch(() => {}));
  return { superuser, newDaemon: () => newDaemon(postgres) };
}

function newDaemon(postgres: TestPostgres) {
  const daemon = provisioningOn(postgres.masterUrl, keys, () => head);
  onTestFinished(() => daemon.master.close());
  return daemon;
}

async function rolesOf(client: Client, tenant: string): Promise<unknown[]> {
  const { rows } = await client.query(
    `SELECT rolname AS role, rolcanlogin AS login,
            rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS mighty,
            ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid) AS "memberOf"
       FROM pg_roles r WHERE rolname = ANY ($1) ORDER BY length(rolname)`,
    [['tenantctl_owner', 'tenantctl_app', tenant]],
  );
  return rows;
}

test('nobody is mightier than needed: the owner is a member of nothing, a tenant of the app role', async () => {
  const { superuser, newDaemon: start } = await newServer();
  const daemon = start();
  const target = await newRecord(daemon);
  const tenant = tenantRole(target.id);
  await daemon.provisioner.provision(target);
  expect(await rolesOf(superuser, tenant)).toEqual([
    { role: 'tenantctl_app', login: false, mighty: false, memberOf: [] },
    { role: 'tenantctl_owner', login: true, mighty: false, memberOf: [] },
    { role: tenant, login: true, mighty: false, memberOf: ['tenantctl_app'] },
  ]);
});

test('daemons that start at once agree on one password of the owner', async () => {
  const { newDaemon: start } = await newServer();
  const daemons = [start(), start(), start()];
  await Promise.all(
    daemons.map(async (daemon) => {
      const admin = await daemon.access.admin('default', { applicationName: 'test' });
      await ensureServerRoles(daemon, 'default', admin);
      await admin.end();
    }),
  );
  const [first, second] = daemons;
  const target = await newRecord(first ?? start());
  await first?.provisioner.provision(target);
  const owner = await second?.access.owner('default', target.databaseName, {
    applicationName: 'test',
  });
  expect(owner?.user).toBe('tenantctl_owner');
  await owner?.end();
});

test('a daemon that looked before the server was prepared looks again', async () => {
  const { newDaemon: start } = await newServer();
  const [early, late] = [start(), start()];
  const target = await newRecord(early);
  await (await early.access.admin('default', { applicationName: 'test' })).end();
  await late.provisioner.provision(target);
  const owner = await early.access.owner('default', target.databaseName, {
    applicationName: 'test',
  });
  await owner.end();
});

test('a master database that is open to PUBLIC is closed before the first tenant comes', async () => {
  const { superuser, newDaemon: start } = await newServer();
  await superuser.query('GRANT CONNECT ON DATABASE tenantctl_master TO PUBLIC');
  const daemon = start();
  await daemon.provisioner.provision(await newRecord(daemon));
  const { rows } = await superuser.query(
    `SELECT has_database_privilege('public', 'tenantctl_master', 'CONNECT') AS open`,
  );
  expect(rows).toEqual([{ open: false }]);
});

test('a master database that the provisioner cannot close keeps tenants from being provisioned', async () => {
  const { superuser, newDaemon: start } = await newServer();
  await superuser.query(`
    ALTER DATABASE tenantctl_master OWNER TO postgres;
    GRANT ALL ON DATABASE tenantctl_master TO tenantctl_provisioner;
    GRANT CONNECT ON DATABASE tenantctl_master TO PUBLIC`);
  const daemon = start();
  const refused = daemon.provisioner.provision(await newRecord(daemon));
  await expect(refused).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    message: expect.stringContaining('close the master database "tenantctl_master" to PUBLIC'),
  });
});

test('a provisioner without CREATEROLE is told which right it lacks', async () => {
  const { superuser, newDaemon: start } = await newServer();
  await superuser.query('ALTER ROLE tenantctl_provisioner NOCREATEROLE');
  const daemon = start();
  await expect(daemon.provisioner.provision(await newRecord(daemon))).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    subject: 'tenantctl_provisioner',
    message: expect.stringContaining('permission denied to create role'),
    facts: { sqlstate: '42501' },
  });
});
