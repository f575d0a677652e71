import { z } from 'zod';
import type { TenantDatabaseAggregate } from '../domain/tenant-database.ts';
import type { Operation, Work } from '../domain/work.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type {
  Principal,
  TenantDatabaseWriteRepository,
} from '../ports/tenant-database-write-repository.ts';
import type { TenantMigrator } from '../ports/tenant-migrator.ts';
import type { TenantRepository } from '../ports/tenant-repository.ts';
import {
  assertRole,
  assertTenantExists,
  assertTenantHasDatabase,
  TenantIdOrSlug,
} from './asserts.ts';
import { optional, parseInput, Reason } from './parse-input.ts';

/**
 * The shape of every command that starts work on a tenant's database. With `revision` it is refused
 * (`REVISION_CONFLICT`) when the record is no longer the one the sender saw.
 */
export const workCommand = {
  tenantId: TenantIdOrSlug,
  revision: optional(z.int().positive()),
  reason: optional(Reason),
};

const WorkCommand = z.strictObject(workCommand);

/** What such a command needs. */
export type QueueNeeds = {
  readonly tenants: Pick<TenantRepository, 'find'>;
  readonly databases: Pick<TenantDatabaseWriteRepository, 'findById' | 'findByTenantId' | 'save'>;
  readonly clock: Clock;
  readonly ids: Ids;
};

/** What a command needs whose work takes migrations from the folder. */
export type MigrateNeeds = QueueNeeds & {
  readonly migrator: Pick<TenantMigrator, 'migrationsOnDisk'>;
};

type Queued = {
  /** The command's name, for the audit trail. */
  readonly name: string;
  readonly command: z.input<typeof WorkCommand>;
  readonly principal: Principal;
  /** Claims the database for the work it is given; the aggregate refuses what is not legal. */
  readonly claim: (
    database: TenantDatabaseAggregate,
    work: (operation: Operation) => Work,
    now: Date,
  ) => void;
  /** Throws when the work could not even begin. Asked before anything is written. */
  readonly assertReady?: (database: TenantDatabaseAggregate) => Promise<unknown>;
};

/** The way of a command that starts work: parse, assert, claim, then record, audit and job in one transaction. */
export async function queueOperation(needs: QueueNeeds, queued: Queued): Promise<string> {
  const { name, principal, claim } = queued;
  const { tenantId, revision, reason } = parseInput(WorkCommand, queued.command);
  assertRole(principal, 'operator', name);
  const { databases, clock, ids } = needs;
  const tenant = await assertTenantExists(needs, tenantId);
  const database = await assertTenantHasDatabase(needs, tenant);
  database.assertRevision(revision);

  const now = clock.now();
  const { id, status } = database;
  claim(database, (operation) => newOperation(operation, { ids, now }), now);
  await queued.assertReady?.(database);
  const { work } = database;
  await databases.save(database, {
    audit: {
      principal,
      command: name,
      subjectId: id,
      arguments: {
        tenantId: tenant.id,
        status,
        ...(revision !== undefined && { revision }),
        ...(reason !== undefined && { reason }),
      },
    },
    startJob:
      work === null
        ? undefined
        : { jobId: work.id, operation: work.operation, tenantDatabaseId: id },
  });
  return id;
}

/** Work that nobody has taken up yet. Its id is the job's. */
export function newOperation(
  operation: Operation,
  { ids, now }: { readonly ids: Ids; readonly now: Date },
): Work {
  return { kind: 'operation', id: ids.uuid(), operation, attempt: 0, since: now };
}
