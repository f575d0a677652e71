import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf } from '../application/view-models/tenant-database-view-model.ts';
import { Problem } from './errors.ts';
import { fleetFilterKeys, parseFleetFilter, type FilterableRow } from './fleet-filter.ts';
import { TenantDatabaseId } from './tenant-database-primitives.ts';
import { TenantDatabaseAggregate } from './tenant-database.ts';
import { TenantId, TenantSlug } from './tenant.ts';

const now = new Date('2026-11-21T12:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

const row = (over: Partial<FilterableRow> = {}): FilterableRow => ({
  tenantId: '0a1b2c3d-0000-4000-8000-000000000001',
  tenantSlug: 'acme',
  databaseName: 'tenant_acme',
  server: 'eu1',
  status: 'ACTIVE',
  schemaVersion: '20250301120000_add_orders',
  errorCode: null,
  errorMessage: null,
  updatedAt: minutesAgo(30),
  ...over,
});

const passes = (filter: string, over: Partial<FilterableRow> = {}) =>
  parseFleetFilter(filter)(row(over), now);

function refusal(filter: string): Problem {
  try {
    parseFleetFilter(filter);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error(`"${filter}" was accepted`);
}

test.each<[string, Partial<FilterableRow>, boolean]>([
  ['', {}, true],
  ['   ', {}, true],
  // text
  ['acm', {}, true],
  ['ACM', {}, true],
  ['tenant_ac', {}, true],
  ['0a1b2c3d', {}, true],
  ['globex', {}, false],
  ['-acme', {}, false],
  ['-globex', {}, true],
  ['--acme', {}, true],
  ['acme tenant', {}, true],
  ['acme globex', {}, false],
  ['"acme"', {}, true],
  ['"a:b"', {}, false],
  // status
  ['status:active', {}, true],
  ['STATUS:Active', {}, true],
  ['status:failed,active', {}, true],
  ['status:failed,migrating', {}, false],
  ['-status:failed', {}, true],
  // server
  ['server:eu1', {}, true],
  ['server:us1,EU1', {}, true],
  ['server:eu', {}, false],
  // version: compared as far as it is written
  ['version:20250301', {}, true],
  ['version:=20250301', {}, true],
  ['version:20250301120000_add_orders', {}, true],
  ['version:20250302', {}, false],
  ['version:<20250301', {}, false],
  ['version:<=20250301', {}, true],
  ['version:>20250301', {}, false],
  ['version:>=20250301', {}, true],
  ['version:<20250302', {}, true],
  ['version:>20250228', {}, true],
  ['version:<20250301', { schemaVersion: null }, true],
  ['version:>2', { schemaVersion: null }, false],
  ['version:none', { schemaVersion: null }, true],
  ['version:none', {}, false],
  // tags
  ['tag:tier=gold', {}, false],
  ['tag:tier=gold', { tags: { tier: 'Gold' } }, true],
  ['tag:tier=silver', { tags: { tier: 'gold' } }, false],
  ['tag:tier', { tags: { tier: 'gold' } }, true],
  ['tag:constructor', { tags: { tier: 'gold' } }, false],
  ['tag:expr=a=b', { tags: { expr: 'a=b' } }, true],
  ['tag:tier=', { tags: { tier: '' } }, true],
  // errors
  ['error:23505', { errorCode: '23505', errorMessage: 'duplicate key' }, true],
  ['error:duplicate', { errorCode: '23505', errorMessage: 'Duplicate key' }, true],
  ['error:"duplicate key"', { errorCode: '23505', errorMessage: 'a duplicate key' }, true],
  ['error:42P01', { errorCode: '23505', errorMessage: 'duplicate key' }, false],
  ['error:23505', {}, false],
  // age: the row changed half an hour ago
  ['age:>10m', {}, true],
  ['age:>1800s', {}, false],
  ['age:>=1800s', {}, true],
  ['age:<=30m', {}, true],
  ['age:<30m', {}, false],
  ['age:<1h', {}, true],
  ['age:>1d', {}, false],
  ['age:>1w', {}, false],
  // all of them together
  ['status:active version:<20250401 server:eu1 age:>10m -globex acme', {}, true],
  ['status:active version:<20250401 server:eu2 age:>10m -globex acme', {}, false],
])('%s on %j gives %s', (filter, over, expected) => {
  expect(passes(filter, over)).toBe(expected);
});

test.each([
  [
    'stauts:failed',
    '"stauts:failed" has no known key; known are status, version, server, tag, error, age',
  ],
  [
    'constructor:x',
    '"constructor:x" has no known key; known are status, version, server, tag, error, age',
  ],
  [':x', '":x" has no known key; known are status, version, server, tag, error, age'],
  [
    'status:broken',
    '"status:broken" names no status; known are provisioning, active, migrating, failed, suspended',
  ],
  ['status:', '"status:" has no value'],
  ['status:""', '"status:""" has no value'],
  ['server:a,,b', '"a,,b" has an empty value between commas'],
  ['version:<', '"version:<" has no version after the sign'],
  ['tag:=gold', '"tag:=gold" names no tag'],
  ['age:10m', '"age:10m" is not an age; write for example age:>10m or age:<2h'],
  ['age:>10y', '"age:>10y" is not an age; write for example age:>10m or age:<2h'],
  ['age:>-1m', '"age:>-1m" is not an age; write for example age:>10m or age:<2h'],
  ['-', '"-" has nothing to look for'],
  ['acme "two words', '"acme "two words" has a quote that is not closed'],
])('%s is refused', (filter, sentence) => {
  const problem = refusal(filter);
  expect(problem.code).toBe('INVALID_INPUT');
  expect(problem.message).toBe(sentence);
  expect(problem.facts['keys']).toEqual(fleetFilterKeys);
});

test('what list and stream carry can be filtered', () => {
  const created = TenantDatabaseAggregate.create({
    id: TenantDatabaseId.parse('22222222-2222-4222-8222-222222222222'),
    tenant: {
      id: TenantId.parse('11111111-1111-4111-8111-111111111111'),
      slug: TenantSlug.parse('acme'),
    },
    server: 'eu1',
    now: minutesAgo(5),
  });
  const view = viewOf(created.toPrimitives());
  expect(parseFleetFilter('acme status:provisioning version:none age:<10m')(view, now)).toBe(true);
});

const terms = fc.oneof(
  fc.constantFrom(
    'status:active',
    'status:failed,migrating',
    'version:none',
    'version:<2026',
    'version:20250301',
    'server:eu1',
    'tag:tier',
    'tag:tier=gold',
    'error:23505',
    'age:>1h',
    'age:<=30m',
    'acme',
    '"a b"',
    '-acme',
  ),
  fc.stringMatching(/^[a-z0-9_.-]{1,8}$/).filter((text) => /[^-]/.test(text)),
);

const rows = fc.record<FilterableRow>({
  tenantId: fc.uuid(),
  tenantSlug: fc.constantFrom('acme', 'globex', 'a-b'),
  databaseName: fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/),
  server: fc.constantFrom('eu1', 'us1'),
  status: fc.constantFrom('ACTIVE', 'FAILED', 'MIGRATING', 'SUSPENDED', 'PROVISIONING'),
  schemaVersion: fc.option(fc.constantFrom('20250301_a', '20260101_b')),
  errorCode: fc.option(fc.constantFrom('23505', 'LOCK_TIMEOUT')),
  errorMessage: fc.option(fc.string()),
  updatedAt: fc.date({ min: new Date('2026-11-20'), max: now, noInvalidDate: true }),
  tags: fc.option(fc.dictionary(fc.constantFrom('tier', 'region'), fc.constantFrom('gold', 'eu')), {
    nil: undefined,
  }),
});

test('a term and its negation divide every fleet in two', () => {
  fc.assert(
    fc.property(terms, rows, (term, anyRow) => {
      const one = parseFleetFilter(term)(anyRow, now);
      const other = parseFleetFilter(`-${term}`)(anyRow, now);
      expect(one).toBe(!other);
    }),
  );
});

test('terms together let through what each of them lets through, in any order', () => {
  fc.assert(
    fc.property(fc.array(terms, { maxLength: 4 }), rows, (some, anyRow) => {
      const together = parseFleetFilter(some.join(' '))(anyRow, now);
      expect(together).toBe(some.every((term) => parseFleetFilter(term)(anyRow, now)));
      expect(together).toBe(parseFleetFilter(some.toReversed().join('  '))(anyRow, now));
    }),
  );
});

test('whatever is typed is a filter or a Problem', () => {
  const fragments = fc.constantFrom(
    ...fleetFilterKeys,
    ':',
    '<',
    '>=',
    '-',
    '"',
    ',',
    '=',
    ' ',
    '10m',
  );
  const typed = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(fragments, fc.string({ maxLength: 3 }))).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(typed, rows, (text, anyRow) => {
      try {
        expect(typeof parseFleetFilter(text)(anyRow, now)).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
      }
    }),
    { numRuns: 1_000 },
  );
});
