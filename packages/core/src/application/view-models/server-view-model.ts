import { z } from 'zod';

/** A PostgreSQL server that holds tenant databases. */
export const ServerViewModel = z.object({
  name: z.string(),
  lanes: z.int().positive(),
  maxConnections: z.int().positive(),
  paused: z.boolean(),
});
export type ServerViewModel = z.infer<typeof ServerViewModel>;
