import { z } from 'zod';

/** A tenant's id: a UUID, as text in lower case. */
export const TenantId = z.uuid().toLowerCase().brand<'TenantId'>();
export type TenantId = z.infer<typeof TenantId>;

/** The short name people type for a tenant: 1 to 48 of `a-z 0-9 -`, never the shape of a UUID. */
export const TenantSlug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/, {
    error: ({ input }) => `is ${JSON.stringify(input)}; it must be 1 to 48 of a-z, 0-9 and -`,
  })
  .refine((slug) => !z.uuid().safeParse(slug).success, {
    error: ({ input }) => `is ${JSON.stringify(input)}; it must not look like a UUID`,
  })
  .brand<'TenantSlug'>();
export type TenantSlug = z.infer<typeof TenantSlug>;

/** A customer of the SaaS: the reason a tenant database exists. */
export const Tenant = z.object({
  id: TenantId,
  slug: TenantSlug,
  name: z.string().min(1).max(200),
  tags: z.record(z.string(), z.string()),
  createdAt: z.coerce.date(),
});
export type Tenant = z.infer<typeof Tenant>;
