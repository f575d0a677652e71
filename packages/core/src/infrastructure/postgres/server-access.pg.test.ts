import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { migrateMaster, provisioningOn } from '../../../../../test/support/tenant-server.ts';
import { serverSecret } from '../prisma/server-directory.ts';
import { ensureServerRoles } from '../provisioning/server-roles.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { Secret } from '../secrets/secret.ts';

const keys = SecretBox.generateKey('test').reveal();
const options = { applicationName: 'test' };

let postgres: TestPostgres;
let world: ReturnType<typeof provisioningOn>;

beforeAll(async () => {
  postgres = await startTestPostgres();
  await migrateMaster(postgres.masterUrl);
  world = provisioningOn(postgres.masterUrl, keys, () => []);
});

afterAll(async () => {
  await world?.master.close();
  await postgres?.stop();
});

/** A server of the fleet under a name of its own. */
async function addServer(name: string, adminUrl: string): Promise<void> {
  const sealed = world.box.seal(serverSecret(name, 'adminUrl'), new Secret(adminUrl));
  await world.master.prisma.databaseServer.create({ data: { name, adminUrl: sealed } });
  onTestFinished(() => world.access.forget(name));
}

test('a server that nobody knows is named', async () => {
  await expect(world.access.admin('nowhere', options)).rejects.toMatchObject({
    code: 'SERVER_NOT_FOUND',
    subject: 'nowhere',
  });
});

test('a server that does not answer is the world’s failure, and no password is in it', async () => {
  const listener = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  const { port } = listener.address() as AddressInfo;
  await addServer('hangs-up', `postgresql://admin:canary-77@127.0.0.1:${port}/postgres`);
  await addServer('refuses', 'postgresql://admin:canary-77@127.0.0.1:1/postgres');
  for (const server of ['hangs-up', 'refuses']) {
    const error: unknown = await world.access.admin(server, options).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'SERVER_UNREACHABLE', kind: 'world', subject: server });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary-77');
  }
});

test('a wrong password is the caller’s problem, and a corrected one is used at once', async () => {
  const url = new URL(postgres.masterUrl);
  const right = url.href;
  url.password = 'wrong';
  await addServer('locked', url.href);
  await expect(world.access.admin('locked', options)).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    kind: 'caller',
    subject: 'tenantctl_provisioner',
    facts: { sqlstate: '28P01' },
  });
  await world.master.prisma.databaseServer.update({
    where: { name: 'locked' },
    data: { adminUrl: world.box.seal(serverSecret('locked', 'adminUrl'), new Secret(right)) },
  });
  await (await world.access.admin('locked', options)).end();
});

test('an URL sealed for another server does not open', async () => {
  await addServer('one', postgres.masterUrl);
  const row = await world.master.prisma.databaseServer.findUniqueOrThrow({
    where: { name: 'one' },
  });
  await world.master.prisma.databaseServer.create({
    data: { name: 'two', adminUrl: row.adminUrl },
  });
  await expect(world.access.admin('two', options)).rejects.toMatchObject({
    code: 'SECRET_UNREADABLE',
    subject: 'DatabaseServer two adminUrl',
  });
});

test('the owner has a session only where the server is prepared and the database exists', async () => {
  await addServer('bare', postgres.masterUrl);
  await expect(world.access.owner('bare', 'x', options)).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    message: expect.stringContaining('has not been prepared yet'),
  });
  const admin = await world.access.admin('default', options);
  await ensureServerRoles(world, 'default', admin);
  await admin.end();
  await expect(world.access.owner('default', 'no_such', options)).rejects.toMatchObject({
    code: 'DATABASE_MISSING',
    subject: 'no_such',
  });
  await expect(world.access.owner('default', 'tenantctl_master', options)).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    facts: { sqlstate: '42501' },
  });
});

test('a server without a free connection says so', async () => {
  await using own = await startTestPostgres({ max_connections: '10' });
  await addServer('full', own.masterUrl);
  const held: Awaited<ReturnType<typeof world.access.admin>>[] = [];
  try {
    for (;;) held.push(await world.access.admin('full', options));
  } catch (error) {
    expect(error).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', kind: 'world', subject: 'full' });
  } finally {
    await Promise.all(held.map((client) => client.end()));
  }
});

test('a session whose server dies rejects its queries and leaves the process alive', async () => {
  await using own = await startTestPostgres();
  await addServer('mortal', own.masterUrl);
  const client = await world.access.admin('mortal', options);
  await own.kill();
  await eventually(() => expect(client.query('SELECT 1')).rejects.toThrow());
  await expect(world.access.admin('mortal', options)).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
  });
});

test('parameters of the URL do not override what a session is given', async () => {
  const url = new URL(postgres.masterUrl);
  url.searchParams.set('application_name', 'theirs');
  url.searchParams.set('options', '-c lock_timeout=0');
  url.searchParams.set('statement_timeout', '1');
  await addServer('tuned', url.href);
  const client = await world.access.admin('tuned', { applicationName: 'ours', lockTimeoutMs: 77 });
  try {
    const { rows } = await client.query(
      `SELECT current_setting('application_name') AS name, current_setting('lock_timeout') AS lock,
              current_setting('statement_timeout') AS statement`,
    );
    expect(rows).toEqual([{ name: 'ours', lock: '77ms', statement: '2min' }]);
  } finally {
    await client.end();
  }
});
