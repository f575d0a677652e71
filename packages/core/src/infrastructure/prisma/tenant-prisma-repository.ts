import { z } from 'zod';
import { TenantViewModel } from '../../application/view-models/tenant-view-model.ts';
import type { PaginatedResult } from '../../domain/criteria.ts';
import { Problem } from '../../domain/errors.ts';
import { Tenant } from '../../domain/tenant.ts';
import type { AuditRecord } from '../../ports/tenant-database-write-repository.ts';
import type { TenantRepository, TenantSearch } from '../../ports/tenant-repository.ts';
import { appendFacts } from './append-facts.ts';
import { Prisma, type PrismaClient } from './generated/client.ts';
import { asMasterProblem, masterProblemOf, uniqueKeyOf } from './prisma-errors.ts';

type Needs = {
  readonly prisma: PrismaClient;
  /** Called after each commit that wrote events. */
  readonly onCommitted: () => void;
};

const Totals = z.array(z.object({ total: z.int() }));

/** Tenants, in the master database. Deleted ones are not there for any of these. */
export class TenantPrismaRepository implements TenantRepository {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async find(idOrSlug: string): Promise<Tenant | null> {
    const id = z.uuid().safeParse(idOrSlug);
    const where = id.success ? { id: id.data } : { slug: idOrSlug };
    const found = await this.#needs.prisma.tenant
      .findFirst({ where: { ...where, deletedAt: null } })
      .catch(asMasterProblem);
    return found === null ? null : Tenant.parse(found);
  }

  async create(tenant: Tenant, audit: AuditRecord): Promise<void> {
    const { prisma, onCommitted } = this.#needs;
    const at = tenant.createdAt;
    try {
      await prisma.$transaction(async (tx) => {
        await tx.tenant.create({ data: { ...tenant, updatedAt: at } });
        await appendFacts(tx, { audit, events: [{ type: 'TenantCreatedEvent', at, tenant }] });
      });
    } catch (error) {
      throw takenProblem(error, tenant) ?? masterProblemOf(error);
    }
    onCommitted();
  }

  async search(search: TenantSearch): Promise<PaginatedResult<TenantViewModel>> {
    const { page, limit } = search;
    const { prisma } = this.#needs;
    const matching = matchingOf(search);
    const rows = await prisma.$queryRaw`
      SELECT t."id", t."slug", t."name", t."tags", t."createdAt", d."id" AS "databaseId" ${matching}
      ORDER BY t."slug" LIMIT ${limit} OFFSET ${(page - 1) * limit}`.catch(asMasterProblem);
    const totals = await prisma.$queryRaw`SELECT count(*)::int AS total ${matching}`;
    const [{ total } = { total: 0 }] = Totals.parse(totals);
    return { items: z.array(TenantViewModel).parse(rows), total, page, limit };
  }
}

/** FROM and WHERE of a search: part of slug or name, or the id, whatever the case. */
function matchingOf({ search = '', withoutDatabase = false }: TenantSearch): Prisma.Sql {
  const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return Prisma.sql`FROM "Tenant" t
    LEFT JOIN "TenantDatabase" d ON d."tenantId" = t."id" AND d."deletedAt" IS NULL
    WHERE t."deletedAt" IS NULL AND (t."slug" ILIKE ${pattern} OR t."name" ILIKE ${pattern} OR t."id"::text = ${search.toLowerCase()})
      AND (NOT ${withoutDatabase} OR d."id" IS NULL)`;
}

/** The problem that a taken id or slug is; undefined for any other error. */
function takenProblem(error: unknown, { id, slug }: Tenant): Problem | undefined {
  switch (uniqueKeyOf(error)) {
    case 'Tenant_pkey':
      return new Problem('TENANT_EXISTS', id, { cause: error });
    case 'Tenant_slug_key':
      return new Problem('TENANT_EXISTS', slug, { cause: error });
    default:
      return undefined;
  }
}
