import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import {
  createTenantDatabase,
  findTenantDatabase,
} from '@tenantctl/core/wire/tenant-database-operations';
import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import type pg from 'pg';
import { expect } from 'vitest';
import { DEMO_START_VERSION } from '../../prisma/tenant/seed/demo-versions.ts';
import { repair } from '../../prisma/tenant/seed/repair-tenant.ts';
import { seedTenant } from '../../prisma/tenant/seed/seed-tenant.ts';
import type { TenantHealth } from '../../prisma/tenant/seed/shop.ts';
import { startDaemon, type TestDaemon } from './daemon.ts';
import { eventually } from './eventually.ts';
import { countByStatus, runEnded, sampleMigrations } from './fleet.ts';
import { withSuperuser } from './ledgers.ts';
import { startTestPostgres, type TestPostgres } from './postgres.ts';

/** Slug and what is in the way of its next migrations. */
export type Shops = Readonly<Record<string, TenantHealth>>;

/** A few shops with real data in them, on a daemon of their own, at the version at which the demo starts. */
export interface ShopFleet extends AsyncDisposable {
  readonly postgres: TestPostgres;
  /** The living one; `revive` replaces it. */
  readonly daemon: TestDaemon;
  readonly newest: string;
  /** The record as it stands. */
  find(slug: string): Promise<TenantDatabaseViewModel>;
  /** Revisions of all, by slug. */
  revisions(): Promise<Readonly<Record<string, number>>>;
  /** Releases every migration. */
  release(): Promise<void>;
  /** Releases every migration and waits until a run over all of them has ended: the sick ones are FAILED. */
  migrateAll(): Promise<void>;
  /** Removes what is in the way of a shop's migrations. */
  repair(slug: string): Promise<void>;
  /** A session of the superuser in a shop's database. */
  inDatabase<T>(slug: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** Another daemon on the state that the killed one has left. */
  revive(): Promise<void>;
}

type Options = {
  readonly shops: Shops;
  /** Settings of the daemon. */
  readonly environment?: Readonly<Record<string, string>>;
};

export async function openShopFleet({ shops, environment = {} }: Options): Promise<ShopFleet> {
  await using ends = new AsyncDisposableStack();
  const postgres = ends.use(await startTestPostgres());
  const migrations = ends.use(await sampleMigrations(DEMO_START_VERSION));
  const settings = {
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    environment: { TENANTD_NAME: 'shops', ...environment },
  };
  let daemon = await startDaemon(settings);
  ends.defer(() => daemon.stop());
  const newest = migrations.names.at(-1) ?? DEMO_START_VERSION;
  const slugs = Object.keys(shops);
  const find: ShopFleet['find'] = async (slug) => {
    const found = await daemon.client.request(findTenantDatabase, { input: { tenantId: slug } });
    if (found === null) throw new Error(`"${slug}" has no database`);
    return found;
  };
  const inDatabase: ShopFleet['inDatabase'] = async (slug, work) =>
    withSuperuser(postgres, (await find(slug)).databaseName, work);
  for (const slug of slugs) {
    await daemon.client.request(createTenant, { input: { slug } });
    await daemon.client.request(createTenantDatabase, { input: { tenantId: slug } });
  }
  const active = async () =>
    expect(await countByStatus(daemon.client, 'ACTIVE')).toBe(slugs.length);
  await eventually(active, { timeoutMs: 60_000 });
  for (const [place, [slug, health]] of Object.entries(shops).entries()) {
    await inDatabase(slug, (client) => seedTenant(client, { tenantNumber: place + 1, health }));
  }
  const release = () => migrations.release(newest);
  const kept = ends.move();
  return {
    postgres,
    get daemon() {
      return daemon;
    },
    newest,
    find,
    async revisions() {
      const found = await Promise.all(slugs.map(find));
      return Object.fromEntries(found.map(({ tenantSlug, revision }) => [tenantSlug, revision]));
    },
    release,
    async migrateAll() {
      await release();
      const { id } = await daemon.client.request(startMigrationRun, { input: {} });
      if (id === null) throw new Error('a run has an id');
      await runEnded(daemon.client, id);
    },
    repair: (slug) => inDatabase(slug, (client) => repair(client, shops[slug] ?? 'healthy')),
    inDatabase,
    async revive() {
      const { stateDirectory } = daemon;
      daemon = await startDaemon({ ...settings, stateDirectory });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
