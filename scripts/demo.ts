/**
 * A fleet of 48 tenants on a PostgreSQL of its own, migrated for real, with failures for real reasons. Opens the
 * terminal where there is one; prints the story otherwise. Everything is in one temporary directory.
 */
import { DEMO_START_VERSION } from '../prisma/tenant/seed/demo-versions.ts';
import { seedTenant } from '../prisma/tenant/seed/seed-tenant.ts';
import { cast } from './demo/cast.ts';
import { Fleet } from './demo/fleet.ts';
import { showPlain } from './demo/plain.ts';
import { say } from './demo/say.ts';
import { onStage, type Stage } from './demo/stage.ts';
import { showTerminal } from './demo/terminal.ts';
import { Trouble } from './demo/trouble.ts';

const startedAt = performance.now();
const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

await onStage(DEMO_START_VERSION, async (stage) => {
  say(`PostgreSQL and tenantd are up (${seconds()}).`);
  await using fleet = new Fleet(stage);
  say(`Provisioning ${cast.length} tenants at ${DEMO_START_VERSION}:`);
  await Promise.all(cast.map(({ slug }) => fleet.provision(slug)));
  await fleet.until(() => fleet.count('ACTIVE') === cast.length, progressOf(fleet));
  say('Filling them with customers and orders, some of which will not fit what comes:');
  await fill(stage, fleet);
  await using trouble = new Trouble(stage, fleet);
  await trouble.begin();
  const newest = stage.versions.at(-1) ?? DEMO_START_VERSION;
  await stage.release(newest);
  const news = stage.versions.length - stage.versions.indexOf(DEMO_START_VERSION) - 1;
  say(`${news} new migrations are released, up to ${newest} (${seconds()}).`);
  if (process.stdin.isTTY && process.stdout.isTTY) await showTerminal({ stage, fleet, trouble });
  else await showPlain(fleet, trouble);
});
say(`\nDone in ${seconds()}. Nothing is left running.`);

async function fill(stage: Stage, fleet: Fleet): Promise<void> {
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
