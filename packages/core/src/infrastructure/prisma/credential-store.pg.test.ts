import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import {
  migrateMaster,
  newRecord,
  provisioningOn,
} from '../../../../../test/support/tenant-server.ts';
import { SecretBox } from '../secrets/secret-box.ts';

const keys = SecretBox.generateKey('test').reveal();

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

test('a password is made once, and everybody gets the same', async () => {
  const { id } = await newRecord(world);
  const asked = await Promise.all(
    Array.from({ length: 8 }, () => world.credentials.rolePassword(id)),
  );
  const again = await world.credentials.rolePassword(id);
  expect(new Set([...asked, again].map((secret) => secret.reveal())).size).toBe(1);
});

test('storing a password changes nothing that anyone sees of the record', async () => {
  const { id } = await newRecord(world);
  const before = await world.master.prisma.tenantDatabase.findUniqueOrThrow({ where: { id } });
  await world.credentials.rolePassword(id);
  const after = await world.master.prisma.tenantDatabase.findUniqueOrThrow({ where: { id } });
  expect(after.rolePassword).toMatch(/^v1\.test\./);
  expect(after).toEqual({ ...before, rolePassword: after.rolePassword });
});

test('a password copied to another record does not open there', async () => {
  const [mine, other] = [await newRecord(world), await newRecord(world)];
  await world.credentials.rolePassword(mine.id);
  const { prisma } = world.master;
  const row = await prisma.tenantDatabase.findUniqueOrThrow({ where: { id: mine.id } });
  await prisma.tenantDatabase.update({
    where: { id: other.id },
    data: { rolePassword: row.rolePassword },
  });
  await expect(world.credentials.rolePassword(other.id)).rejects.toMatchObject({
    code: 'SECRET_UNREADABLE',
    subject: `TenantDatabase ${other.id} rolePassword`,
  });
});

test('a daemon without the key says which one it lacks', async () => {
  const { id } = await newRecord(world);
  await world.credentials.rolePassword(id);
  const stranger = provisioningOn(
    postgres.masterUrl,
    SecretBox.generateKey('other').reveal(),
    () => [],
  );
  try {
    await expect(stranger.credentials.rolePassword(id)).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
      message: expect.stringContaining('key "test" is not configured'),
    });
  } finally {
    await stranger.master.close();
  }
});

test('a record that does not exist has no password', async () => {
  await expect(world.credentials.rolePassword(randomUUID())).rejects.toMatchObject({
    code: 'TENANT_DATABASE_NOT_FOUND',
  });
});
