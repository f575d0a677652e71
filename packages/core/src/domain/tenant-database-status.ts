import { z } from 'zod';

/** The five statuses of a tenant database. Soft deletion is a date on the record, not a status. */
export const TenantDatabaseStatusEnum = z.enum([
  'PROVISIONING',
  'ACTIVE',
  'MIGRATING',
  'FAILED',
  'SUSPENDED',
]);
export type TenantDatabaseStatusEnum = z.infer<typeof TenantDatabaseStatusEnum>;

const transitions = [
  'provisioned',
  'failed',
  'migration-started',
  'migrated',
  'rolled-back',
  'retried',
  'repaired-by-hand',
  'set-by-hand',
  'suspended',
  'resumed',
] as const;

/** What moves a database from one status to the next. */
export type Transition = (typeof transitions)[number];

/** The work whose failure made a database FAILED; a retry takes up the same one. */
export const FailedOperation = z.enum(['provision', 'migrate']);
export type FailedOperation = z.infer<typeof FailedOperation>;

type Legal = { readonly [T in Transition]?: readonly TenantDatabaseStatusEnum[] };

/**
 * The whole life of a database: from a status, what may happen, and where it leads. Everything that
 * is not in this table is `ILLEGAL_TRANSITION`. Where two targets stand, the record decides:
 * `retried` goes back to whichever operation failed, `resumed` to the status before the suspension.
 */
const legalTransitions: { readonly [S in TenantDatabaseStatusEnum]: Legal } = {
  PROVISIONING: {
    provisioned: ['ACTIVE'],
    failed: ['FAILED'],
    'set-by-hand': ['ACTIVE', 'FAILED'],
  },
  ACTIVE: {
    'migration-started': ['MIGRATING'],
    suspended: ['SUSPENDED'],
  },
  MIGRATING: {
    migrated: ['ACTIVE'],
    failed: ['FAILED'],
    'rolled-back': ['ACTIVE'],
  },
  FAILED: {
    retried: ['PROVISIONING', 'MIGRATING'],
    'repaired-by-hand': ['ACTIVE'],
    suspended: ['SUSPENDED'],
  },
  SUSPENDED: {
    resumed: ['ACTIVE', 'FAILED'],
  },
};

/** Statuses that `transition` may lead to from `status`; empty when it is illegal. */
export function targetsOf(
  status: TenantDatabaseStatusEnum,
  transition: Transition,
): readonly TenantDatabaseStatusEnum[] {
  return legalTransitions[status][transition] ?? [];
}

/** Every transition that is legal from `status`, for the sentence of a refusal. */
export function transitionsFrom(status: TenantDatabaseStatusEnum): readonly Transition[] {
  return transitions.filter((transition) => targetsOf(status, transition).length > 0);
}

/** Statuses from which a database may be soft deleted. */
export const deletableStatuses: readonly TenantDatabaseStatusEnum[] = [
  'ACTIVE',
  'FAILED',
  'SUSPENDED',
];
