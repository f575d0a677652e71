import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { retryTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { cast } from './cast.ts';
import type { Fleet } from './fleet.ts';
import { say } from './say.ts';
import type { Trouble } from './trouble.ts';

const PROGRESS_EVERY_MS = 1000;

/** The demo without a terminal: the run, each failure with its cause, the retry, the state of all at the end. */
export async function showPlain(fleet: Fleet, trouble: Trouble): Promise<void> {
  await migrateAll(fleet);
  const failed = fleet.databases.filter(({ status }) => status === 'FAILED');
  say(`\n${failed.length} tenants failed. Removing the causes:`);
  for (const { tenantSlug } of failed) {
    const member = cast.find(({ slug }) => slug === tenantSlug);
    if (member !== undefined) say(`  ${tenantSlug.padEnd(12)} ${await trouble.remove(member)}`);
  }
  say('\nRetrying them:');
  await Promise.all(
    failed.map(({ tenantSlug, revision }) =>
      fleet.client.request(retryTenantDatabase, { input: { tenantId: tenantSlug, revision } }),
    ),
  );
  const settled = () =>
    fleet.databases.every(({ status, work }) => status !== 'MIGRATING' && work === null) &&
    failed.every(({ tenantSlug, revision }) => fleet.find(tenantSlug).revision > revision);
  await fleet.until(settled);
  for (const { tenantSlug } of failed) {
    const { status, schemaVersion } = fleet.find(tenantSlug);
    say(`  ${tenantSlug.padEnd(12)} ${status} at ${schemaVersion}`);
  }
  showFleet(fleet);
}

async function migrateAll(fleet: Fleet): Promise<void> {
  const { id } = await fleet.client.request(startMigrationRun, { input: {} });
  say('\nMigrating all of them:');
  const isOver = () => fleet.run?.id === id && fleet.run.state !== 'running';
  await fleet.until(isOver, reporter(fleet, id));
  const { run } = fleet;
  if (run === null) return;
  const { done, failed } = run.counts;
  say(`  run ${run.number} ${run.state}: ${done} done, ${failed} failed`);
  say('  by cause (SQLSTATE, migration, what PostgreSQL says):');
  for (const { cause, count } of run.causes) say(`    ${count} × ${cause}`);
}

/** Says each failure once, each further attempt once, and now and then how far the run has come. */
function reporter(fleet: Fleet, id: string | null): () => void {
  const told = new Set<string>();
  const once = (line: string) => {
    if (!told.has(line)) say(line);
    told.add(line);
  };
  let last = 0;
  return () => {
    for (const { tenantSlug, status, errorCode, errorMessage } of fleet.databases) {
      if (status === 'FAILED') once(`  ✗ ${tenantSlug.padEnd(12)} ${errorCode}  ${errorMessage}`);
    }
    for (const { tenantSlug, attempt } of fleet.inFlight) {
      if (attempt > 1)
        once(`  ↻ ${tenantSlug.padEnd(12)} a lock is in the way: attempt ${attempt}`);
    }
    const { run } = fleet;
    if (run?.id !== id || performance.now() - last < PROGRESS_EVERY_MS) return;
    last = performance.now();
    // From the records, which are ahead of the run's own counts by moments.
    const there = ({ status, schemaVersion }: TenantDatabaseViewModel) =>
      status === 'ACTIVE' && schemaVersion === run.targetVersion;
    const done = fleet.databases.filter(there).length;
    const failed = fleet.count('FAILED');
    const left = fleet.databases.length - done - failed;
    if (done + failed > 0) once(`  ${done} done, ${failed} failed, ${left} to go`);
  };
}

function showFleet(fleet: Fleet): void {
  say(`\nThe fleet now: ${fleet.count('ACTIVE')} of ${fleet.databases.length} ACTIVE`);
  for (const { tenantSlug, status, schemaVersion } of fleet.databases) {
    say(`  ${tenantSlug.padEnd(12)} ${status.padEnd(9)} ${schemaVersion}`);
  }
}
