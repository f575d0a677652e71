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
  say(`\nMigrating all of them (run ${id}):`);
  const reported = new Set<string>();
  let last = 0;
  const report = () => {
    for (const { tenantSlug, status, errorCode, errorMessage } of fleet.databases) {
      if (status !== 'FAILED' || reported.has(tenantSlug)) continue;
      reported.add(tenantSlug);
      say(`  ✗ ${tenantSlug.padEnd(12)} ${errorCode}  ${errorMessage}`);
    }
    const { run } = fleet;
    if (run?.id !== id || performance.now() - last < PROGRESS_EVERY_MS) return;
    last = performance.now();
    const { done, failed, running, pending } = run.counts;
    say(`  ${done} done, ${failed} failed, ${running} running, ${pending} to go`);
  };
  await fleet.until(() => fleet.run?.id === id && fleet.run.state !== 'running', report);
  const { run } = fleet;
  if (run === null) return;
  say(`  run ${run.number} ${run.state}: ${run.counts.done} done, ${run.counts.failed} failed`);
  say('  by cause:');
  for (const { cause, count } of run.causes) say(`    ${count} × ${cause}`);
}

function showFleet(fleet: Fleet): void {
  say(`\nThe fleet now: ${fleet.count('ACTIVE')} of ${fleet.databases.length} ACTIVE`);
  for (const { tenantSlug, status, schemaVersion } of fleet.databases) {
    say(`  ${tenantSlug.padEnd(12)} ${status.padEnd(9)} ${schemaVersion}`);
  }
}
