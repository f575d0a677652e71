import { z } from 'zod';

/** Fields of the read model that a query may filter and sort by. */
export const CriteriaField = z.enum([
  'id',
  'tenantId',
  'tenantSlug',
  'databaseName',
  'readDatabaseName',
  'server',
  'status',
  'schemaVersion',
  'lastMigrationAt',
  'errorCode',
  'errorMessage',
  'createdAt',
  'updatedAt',
]);
export type CriteriaField = z.infer<typeof CriteriaField>;

export const CriteriaOperator = z.enum([
  'EQUALS',
  'NOT_EQUALS',
  'IN',
  'LIKE',
  'GREATER_THAN',
  'LESS_THAN',
  'GREATER_OR_EQUAL',
  'LESS_OR_EQUAL',
  'IS_NULL',
]);
export type CriteriaOperator = z.infer<typeof CriteriaOperator>;

const Value = z.union([z.string(), z.array(z.string()), z.boolean()]);

/** `IN` takes several values, `IS_NULL` true or false, `LIKE` SQL's `%` and `_`; dates are ISO 8601. */
export const Filter = z.object({
  field: CriteriaField,
  operator: CriteriaOperator,
  value: Value.optional(),
});
export type Filter = z.infer<typeof Filter>;

export const Sort = z.object({ field: CriteriaField, direction: z.enum(['ASC', 'DESC']) });
export type Sort = z.infer<typeof Sort>;

/** Pages are counted from 1; at most 500 records a page. */
export const Pagination = z.object({
  page: z.int().min(1).default(1),
  limit: z.int().min(1).max(500).default(20),
});
export type Pagination = z.infer<typeof Pagination>;

/** What to read: filters that all hold, sorts in order, one page. */
export const Criteria = z.object({
  filters: z.array(Filter).max(50).default([]),
  sorts: z.array(Sort).max(5).default([]),
  pagination: Pagination.default({ page: 1, limit: 20 }),
});
export type Criteria = z.infer<typeof Criteria>;

/** One page of results and how many there are in all. */
export type PaginatedResult<T> = {
  readonly items: readonly T[];
  readonly total: number;
  readonly page: number;
  readonly limit: number;
};
