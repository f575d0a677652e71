import { expect, test } from 'vitest';
import { Problem } from '../domain/errors.ts';
import { TenantCreateCommand } from './commands/create-tenant.ts';
import { MigrationRunStartCommand } from './commands/start-migration-run.ts';
import { parseInput } from './parse-input.ts';
import { FindTenantDatabaseByIdQuery } from './queries/find-tenant-database-by-id.ts';
import { FindTenantDatabasesByCriteriaQuery } from './queries/find-tenant-databases-by-criteria.ts';
import type { z } from 'zod';

function refusal(schema: z.ZodType, input: unknown): Problem {
  try {
    parseInput(schema, input);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const criteria = (filter: unknown) => ({ criteria: { filters: [filter] } });

test.each([
  [TenantCreateCommand, {}, '"slug" is missing'],
  [TenantCreateCommand, undefined, '"input" is missing'],
  [TenantCreateCommand, { slug: 5 }, '"slug" must be a value of type string'],
  [TenantCreateCommand, { slug: 'UP' }, '"slug" is "UP"; it must be 1 to 48 of a-z, 0-9 and -'],
  [
    TenantCreateCommand,
    { slug: '11111111-1111-4111-8111-111111111111' },
    '"slug" is "11111111-1111-4111-8111-111111111111"; it must not look like a UUID',
  ],
  [TenantCreateCommand, { slug: 'a', id: 'b' }, '"id" is "b", which is not a UUID'],
  [TenantCreateCommand, { slug: 'a', name: '' }, '"name" must be at least 1 character long'],
  [TenantCreateCommand, { slug: 'a', name: 'x\0' }, '"name" must not contain a NUL'],
  [TenantCreateCommand, { slug: 'a', tags: { k: 1 } }, '"tags.k" must be a value of type string'],
  [TenantCreateCommand, { slug: 'a', colour: 1 }, '"colour" is not a field of this input'],
  [
    MigrationRunStartCommand,
    { includeFailed: 'yes' },
    '"includeFailed" must be a value of type boolean',
  ],
  [FindTenantDatabaseByIdQuery, { id: "1' OR 1=1" }, '"id" is "1\' OR 1=1", which is not a UUID'],
  [
    FindTenantDatabasesByCriteriaQuery,
    criteria({ field: 'password', operator: 'EQUALS', value: 'x' }),
    '"criteria.filters.0.field" is "password"; known are id, tenantId, tenantSlug, databaseName, readDatabaseName, server, status, schemaVersion, lastMigrationAt, errorCode, errorMessage, createdAt, updatedAt',
  ],
  [
    FindTenantDatabasesByCriteriaQuery,
    criteria({ field: 'status', operator: 'REGEX', value: 'x' }),
    '"criteria.filters.0.operator" is "REGEX"; known are EQUALS, NOT_EQUALS, IN, LIKE, GREATER_THAN, LESS_THAN, GREATER_OR_EQUAL, LESS_OR_EQUAL, IS_NULL',
  ],
  [
    FindTenantDatabasesByCriteriaQuery,
    { criteria: { pagination: { limit: 501 } } },
    '"criteria.pagination.limit" must be at most 500',
  ],
])('case %$ says which field is wrong and what it must be', (schema, input, sentence) => {
  const problem = refusal(schema, input);
  expect(problem.code).toBe('INVALID_INPUT');
  expect(problem.message).toBe(sentence);
});

test('null and absent are the same for what may be left out', () => {
  expect(parseInput(TenantCreateCommand, { slug: 'a', id: null, name: null, tags: null })).toEqual(
    parseInput(TenantCreateCommand, { slug: 'a' }),
  );
});

test('a long value is shortened in the sentence', () => {
  const problem = refusal(FindTenantDatabaseByIdQuery, { id: 'x'.repeat(5_000) });
  expect(problem.message.length).toBeLessThan(150);
});
