import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { Problem } from '@tenantctl/core/domain/errors';
import { expect, test } from 'vitest';
import { exitCodeFor, problemOfFailure, refusalOf, type WorkOutcome } from './work-outcome.ts';

const at = new Date('2026-03-01T10:00:00Z');
const database: TenantDatabaseViewModel = {
  id: '7c1e6c1e-0000-4000-8000-000000000001',
  tenantId: '7c1e6c1e-0000-4000-8000-000000000002',
  tenantSlug: 'acme',
  server: 'default',
  databaseName: 'tenant_acme',
  readDatabaseName: 'tenant_acme_read',
  status: 'FAILED',
  schemaVersion: null,
  lastMigrationAt: null,
  errorCode: '23502',
  errorMessage: 'no',
  failure: {
    code: 'MIGRATION_FAILED',
    message: 'null value in column "plan"',
    sqlstate: '23502',
    migration: '20250301_plan',
    statementNumber: 2,
  },
  failedOperation: 'migrate',
  work: null,
  revision: 4,
  createdAt: at,
  updatedAt: at,
};

const ended: WorkOutcome = { kind: 'ended', seen: { database } };
const failed: WorkOutcome = {
  kind: 'failed',
  seen: { database },
  problem: problemOfFailure({ database }),
};
const refused: WorkOutcome = refusalOf(new Problem('OPERATION_IN_PROGRESS', 'acme'), 'acme');
const unknown: WorkOutcome = refusalOf(new Problem('TENANT_NOT_FOUND', 'acme'), 'acme');

test.each([
  ['one that ended well', [ended], 0],
  ['one that failed', [failed], 1],
  ['one that was refused', [refused], 5],
  ['one that does not exist', [unknown], 1],
  ['several that ended well', [ended, ended], 0],
  ['several of which one failed', [ended, failed], 3],
  ['several that all failed', [failed, failed], 3],
  ['several of which one was refused', [ended, refused], 3],
  ['several that were all refused', [refused, refused], 5],
])('%s: the exit code', (_what, outcomes, code) => {
  expect(exitCodeFor(outcomes)).toBe(code);
});

test('a failure says where it happened and what to type next, with the tenant in it', () => {
  expect(problemOfFailure({ database })).toMatchObject({
    code: 'MIGRATION_FAILED',
    message:
      'Tenant "acme", migration "20250301_plan", statement 2: null value in column "plan" (SQLSTATE 23502)',
    help: 'Remove the cause, then: tenantctl retry acme',
  });
});

test('a migration that the sentence names is not named twice', () => {
  const message = 'The migration "20250301_plan" was edited after it was applied';
  const failure = { code: 'MIGRATION_EDITED', migration: '20250301_plan', message };
  expect(problemOfFailure({ database: { ...database, failure } }).message).toBe(
    `Tenant "acme": ${message}`,
  );
});

test('work without an effect says so', () => {
  const seen = { database: { ...database, status: 'ACTIVE' as const, failure: null } };
  expect(problemOfFailure({ ...seen, change: 'rolled-back' }).message).toContain('rolled back');
});

test('a refusal that would meet every tenant ends the command', () => {
  expect(() => refusalOf(new Problem('FORBIDDEN', 'x'), 'acme')).toThrow(Problem);
});
