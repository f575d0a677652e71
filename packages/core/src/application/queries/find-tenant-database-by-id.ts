import { z } from 'zod';
import { Problem } from '../../domain/errors.ts';
import type { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import type { TenantDatabaseWriteRepository } from '../../ports/tenant-database-write-repository.ts';
import { parseInput } from '../parse-input.ts';

export const FindTenantDatabaseByIdQuery = z.strictObject({ id: z.uuid() });
export type FindTenantDatabaseByIdQuery = z.input<typeof FindTenantDatabaseByIdQuery>;

type Needs = { readonly databases: Pick<TenantDatabaseWriteRepository, 'findById'> };

/**
 * The record of this id, current. Throws `INVALID_INPUT`, and `TENANT_DATABASE_NOT_FOUND` for a deleted
 * one too.
 */
export async function findTenantDatabaseById(
  { databases }: Needs,
  query: FindTenantDatabaseByIdQuery,
): Promise<TenantDatabaseAggregate> {
  const { id } = parseInput(FindTenantDatabaseByIdQuery, query);
  const database = await databases.findById(id);
  if (database === null || database.deletedAt !== null) {
    throw new Problem('TENANT_DATABASE_NOT_FOUND', id);
  }
  return database;
}
