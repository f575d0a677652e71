import { z } from 'zod';

/** One piece of work on one tenant database that is not part of a run. */
export const Operation = z.enum(['provision', 'migrate', 'suspend', 'resume']);
export type Operation = z.infer<typeof Operation>;

/**
 * What a database is claimed for. A database is claimed for one piece of work at a time, an operation
 * (its id is the job's) or an item of a run (its id is the item's). `attempt` grows each time the work
 * is taken up; whoever holds an older attempt can no longer settle.
 */
export const Work = z.object({
  kind: z.enum(['operation', 'item']),
  id: z.uuid(),
  operation: Operation,
  attempt: z.int().nonnegative(),
  since: z.coerce.date(),
});
export type Work = z.infer<typeof Work>;
