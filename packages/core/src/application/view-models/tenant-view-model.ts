import { z } from 'zod';

/** A tenant as it is read; `databaseId` is null while it has no database. */
export const TenantViewModel = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  databaseId: z.uuid().nullable(),
  createdAt: z.coerce.date(),
});
export type TenantViewModel = z.infer<typeof TenantViewModel>;
