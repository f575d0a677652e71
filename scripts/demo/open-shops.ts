import { DEMO_START_VERSION } from '../../prisma/tenant/seed/demo-versions.ts';
import { seedTenant } from '../../prisma/tenant/seed/seed-tenant.ts';
import { cast } from './cast.ts';
import type { Fleet } from './fleet.ts';
import { say } from './say.ts';
import type { Stage } from './stage.ts';

/** Provisions the cast and fills its databases: everything is well until the next migrations come. */
export async function openShops(stage: Stage, fleet: Fleet): Promise<void> {
  say(`Provisioning ${cast.length} tenants at ${DEMO_START_VERSION}:`);
  await Promise.all(cast.map(({ slug }) => fleet.provision(slug)));
  await fleet.until(() => fleet.count('ACTIVE') === cast.length, progressOf(fleet));
  say('Filling them with customers and orders, some of which will not fit what comes:');
  for (const { slug, number, health } of cast) {
    const client = await stage.open(fleet.find(slug).databaseName);
    await seedTenant(client, { tenantNumber: number, health });
    await client.end();
  }
}

/** A line whenever a quarter more of the fleet is there. */
function progressOf(fleet: Fleet): () => void {
  let said = 0;
  return () => {
    const active = fleet.count('ACTIVE');
    if (active < said + cast.length / 4) return;
    said = active;
    say(`  ${active} of ${cast.length}`);
  };
}
