import { z } from 'zod';
import { TenantId, TenantSlug, type Tenant } from '../../domain/tenant.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import type { TenantRepository } from '../../ports/tenant-repository.ts';
import { assertRole } from '../asserts.ts';
import { optional, parseInput } from '../parse-input.ts';

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !value.includes('\0'), 'must not contain a NUL');

/** `name` is the slug and `id` a new one unless given; at most 50 tags. */
export const TenantCreateCommand = z.strictObject({
  slug: TenantSlug,
  id: optional(TenantId),
  name: optional(text(200)),
  tags: optional(
    z
      .record(text(63), text(200))
      .refine((tags) => Object.keys(tags).length <= 50, 'must be at most 50 tags'),
  ),
});
export type TenantCreateCommand = z.input<typeof TenantCreateCommand>;

type Needs = {
  readonly tenants: Pick<TenantRepository, 'create'>;
  readonly clock: Clock;
  readonly ids: Ids;
};

/**
 * Records a tenant; it has no database yet. Returns its id. Throws `INVALID_INPUT`, `FORBIDDEN` and
 * `TENANT_EXISTS`.
 */
export async function createTenant(
  { tenants, clock, ids }: Needs,
  command: TenantCreateCommand,
  principal: Principal,
): Promise<string> {
  const { slug, id, name, tags = {} } = parseInput(TenantCreateCommand, command);
  assertRole(principal, 'admin', 'TenantCreateCommand');
  const tenant: Tenant = {
    id: id ?? TenantId.parse(ids.uuid()),
    slug,
    name: name ?? slug,
    tags,
    createdAt: clock.now(),
  };
  await tenants.create(tenant, {
    principal,
    command: 'TenantCreateCommand',
    subjectId: tenant.id,
    arguments: { slug, name: tenant.name, tags },
  });
  return tenant.id;
}
