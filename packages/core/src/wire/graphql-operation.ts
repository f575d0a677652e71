import { z } from 'zod';
import { Failure } from '../domain/failure.ts';

/**
 * One query or mutation of the daemon's schema: its document, the type of its variables, and the schema
 * of what stands under its one root field, `field`.
 */
export type GraphqlOperation<Variables, Answer> = {
  readonly kind: 'query' | 'mutation';
  readonly field: string;
  readonly document: string;
  readonly answer: z.ZodType<Answer>;
  /** Only for the compiler: nothing is ever stored here. */
  readonly variables?: Variables;
};

/** Any page of results. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), total: z.int(), page: z.int(), limit: z.int() });

/** What every mutation answers; `id` is the record's or the run's. */
export const MutationResponse = z.object({
  success: z.boolean(),
  message: z.string(),
  id: z.string().nullable(),
});
export type MutationResponse = z.infer<typeof MutationResponse>;

export const mutationFields = '{ success message id }';

export type PaginationInput = { readonly page?: number; readonly limit?: number };

/** An enum of the schema (`COMPLETED_WITH_FAILURES`) as the domain spells it (`completed-with-failures`). */
export const lowerCaseEnum = <Values extends z.ZodType<string, string>>(domain: Values) =>
  z
    .string()
    .transform((name) => name.toLowerCase().replaceAll('_', '-'))
    .pipe(domain);

/** A failure: GraphQL says null where the domain leaves a field out. */
export const WireFailure = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}, Failure);

export const failureFields = '{ code message sqlstate migration statementNumber statement detail }';
