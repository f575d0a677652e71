import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from './errors.ts';
import { causeOf, failureOf, type Failure } from './failure.ts';

const failure = (message: string, over: Partial<Failure> = {}): Failure => ({
  code: 'MIGRATION_FAILED',
  sqlstate: '23505',
  migration: '20260301_unique_email',
  message,
  ...over,
});

/** What PostgreSQL and the catalogue say, with the tenant's own value or name in it. */
const sayings: readonly ((value: string) => string)[] = [
  (value) => `The database "${value}" does not exist on its server`,
  (value) => `A lock in "${value}" was not to be had in time`,
  (value) => `permission denied for database "${value}"`,
  (value) => `password authentication failed for role "${value}"`,
  (value) => `Key (email)=(${value}) is duplicated`,
  (value) => `invalid input syntax for type integer: "${value}"`,
  (value) => `value "${value}" is out of range for type integer`,
  (value) => `could not convert '${value}' to a date`,
];
const values = fc.stringMatching(/^[a-z0-9@._ -]{1,30}$/);

test('the same cause with different tenants’ values is one group', () => {
  fc.assert(
    fc.property(fc.constantFrom(...sayings), values, values, (saying, one, other) => {
      expect(causeOf(failure(saying(one)))).toBe(causeOf(failure(saying(other))));
    }),
  );
});

test('numbers and ids are no difference', () => {
  const of = (rows: number, id: string) => `row ${rows} of "tenant_${id}" is broken`;
  const one = of(7, '0a1b2c3d-0000-4000-8000-000000000001');
  const other = of(123, 'ffffffff-0000-4000-8000-000000000002');
  expect(causeOf(failure(one))).toBe(causeOf(failure(other)));
});

test.each<[string, Failure]>([
  ['migration', failure('duplicate key', { migration: '20260401_other' })],
  ['SQLSTATE', failure('duplicate key', { sqlstate: '23502' })],
  ['message', failure('null value')],
])('a different %s is another group', (_what, other) => {
  expect(causeOf(other)).not.toBe(causeOf(failure('duplicate key')));
});

test('names of tables, columns and constraints stay, because they tell causes apart', () => {
  const of = (constraint: string) =>
    `duplicate key value violates unique constraint "${constraint}"`;
  expect(causeOf(failure(of('orders_pkey')))).not.toBe(causeOf(failure(of('users_pkey'))));
  expect(causeOf(failure('column "email" of relation "users" contains null values'))).toBe(
    '23505 · 20260301_unique_email · column "email" of relation "users" contains null values',
  );
});

test('a failure without SQLSTATE is grouped by its code', () => {
  const message = 'It was edited';
  expect(causeOf({ code: 'MIGRATION_EDITED', message })).toBe('MIGRATION_EDITED · It was edited');
});

test('a problem becomes a failure with what its facts say about PostgreSQL, and nothing else', () => {
  const problem = new Problem('MIGRATION_FAILED', '20260301_unique_email', {
    more: 'duplicate key',
    facts: { sqlstate: '23505', statementNumber: 2, password: 'hunter2' },
  });
  expect(failureOf(problem)).toEqual({
    code: 'MIGRATION_FAILED',
    message: 'The migration "20260301_unique_email" failed: duplicate key',
    sqlstate: '23505',
    statementNumber: 2,
  });
});
