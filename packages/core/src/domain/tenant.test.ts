import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TenantId, TenantSlug } from './tenant.ts';

const isSlug = (text: unknown) => TenantSlug.safeParse(text).success;

test.each(['a', '7', 'acme', 'acme-eu-1', '0', 'a'.repeat(48)])('%s is a slug', (slug) => {
  expect(isSlug(slug)).toBe(true);
});

test.each([
  '',
  '-',
  '-a',
  'a-',
  'A',
  'a b',
  'a_b',
  'a.b',
  'a/b',
  'a:b',
  'ä',
  'a\n',
  'a\0',
  'a'.repeat(49),
  '11111111-1111-4111-8111-111111111111',
  '00000000-0000-0000-0000-000000000000',
  undefined,
])('%j is no slug', (slug) => {
  expect(isSlug(slug)).toBe(false);
});

test('a tenant is named by its id or its slug, and nothing is both', () => {
  const texts = fc.oneof(fc.uuid(), fc.stringMatching(/^[a-z0-9-]{1,48}$/));
  fc.assert(
    fc.property(texts, (text) => {
      expect(isSlug(text) && TenantId.safeParse(text).success).toBe(false);
    }),
  );
});

test('an id is the same in capitals', () => {
  const id = 'AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE';
  expect(TenantId.parse(id)).toBe(id.toLowerCase());
});
