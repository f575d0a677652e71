import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  defaultDatabaseName,
  defaultReadDatabaseName,
  TenantDatabaseName,
  TenantReadDatabaseName,
} from './tenant-database-name.ts';

const accepts = (name: unknown) => TenantDatabaseName.safeParse(name).success;

test.each(['a', 'tenant_acme', 'tenant-acme', 'a1', 'postgresql', 'template', 'a'.repeat(58)])(
  '%s is a name',
  (name) => {
    expect(accepts(name)).toBe(true);
  },
);

test.each([
  '',
  ' ',
  'A',
  'Tenant',
  '1a',
  '_a',
  '-a',
  'a b',
  'a.b',
  'a"b',
  "a'b",
  'a;drop database postgres',
  'a\0',
  'a\n',
  'ä',
  'ａ',
  'a\u200b',
  '../a',
  '$a',
  'a'.repeat(59),
  'postgres',
  'template0',
  'template1',
  'pg_tenant',
  'tenantctl_new_1',
  null,
  5,
])('%j is no name', (name) => {
  expect(accepts(name)).toBe(false);
});

test('no two names are one name to PostgreSQL, which keeps 63 bytes', () => {
  const names = fc.stringMatching(/^[a-z][a-z0-9_-]{0,57}$/).filter(accepts);
  const kept = (name: string) => Buffer.from(name).subarray(0, 63).toString();
  fc.assert(
    fc.property(names, (name) => {
      const read = defaultReadDatabaseName(TenantDatabaseName.parse(name));
      expect(kept(name)).toBe(name);
      expect(kept(read)).toBe(`${name}_read`);
    }),
  );
});

test('whatever is accepted needs no quoting trick in SQL', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (accepts(text)) expect(text).toMatch(/^[a-z][a-z0-9_-]*$/);
    }),
    { numRuns: 1_000 },
  );
});

test('the default name is made of the tenant’s id, and is a name', () => {
  const id = '11111111-1111-4111-8111-111111111111';
  expect(defaultDatabaseName(id)).toBe(`tenant_${id}`);
  expect(TenantReadDatabaseName.parse(defaultReadDatabaseName(defaultDatabaseName(id)))).toBe(
    `tenant_${id}_read`,
  );
});
