import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DaemonClient } from '@tenantctl/core/client/daemon-client';
import { findMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import {
  createTenantDatabase,
  findTenantDatabases,
} from '@tenantctl/core/wire/tenant-database-operations';
import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';

const sample = path.resolve(import.meta.dirname, '../../prisma/tenant/migrations');

/** A migrations folder of a test's own, in which more migrations may appear. */
export interface TestMigrations extends AsyncDisposable {
  readonly directory: string;
  /** All names of the sample application's history, in order. */
  readonly names: readonly string[];
  /** Copies the migrations up to and with this one. */
  release(upTo: string): Promise<void>;
}

/** The sample application's history up to and with `upTo`, in a folder that the test may change. */
export async function sampleMigrations(upTo?: string): Promise<TestMigrations> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'migrations-'));
  const entries = await readdir(sample, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
  await cp(path.join(sample, 'migration_lock.toml'), path.join(directory, 'migration_lock.toml'));
  const release = async (last: string) => {
    for (const name of names.slice(0, names.indexOf(last) + 1)) {
      await cp(path.join(sample, name), path.join(directory, name), { recursive: true });
    }
  };
  await release(upTo ?? names.at(-1) ?? '');
  return {
    directory,
    names,
    release,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Creates tenants `<prefix>-001`… with a database each and waits until all of them are ACTIVE. */
export async function provisionFleet(
  client: DaemonClient,
  count: number,
  prefix = 'tenant',
): Promise<readonly string[]> {
  const slugs = Array.from(
    { length: count },
    (_, index) => `${prefix}-${String(index + 1).padStart(3, '0')}`,
  );
  for (const slug of slugs) {
    await client.request(createTenant, { input: { slug } });
    await client.request(createTenantDatabase, { input: { tenantId: slug } });
  }
  await eventually(async () => expect(await countByStatus(client, 'ACTIVE')).toBe(count), {
    timeoutMs: 120_000,
  });
  return slugs;
}

/** How many databases have this status, by the read model. */
export async function countByStatus(client: DaemonClient, status: string): Promise<number> {
  const page = await client.request(findTenantDatabases, {
    input: {
      filters: [{ field: 'status', operator: 'EQUALS', value: status }],
      pagination: { page: 1, limit: 1 },
    },
  });
  return page.total;
}

/** Waits until the run is neither running nor paused, and answers it. */
export function runEnded(client: DaemonClient, id: string, timeoutMs = 120_000) {
  return eventually(
    async () => {
      const run = await client.request(findMigrationRun, { input: { id } });
      if (run === null || run.state === 'running') throw new Error(`run ${id}: ${run?.state}`);
      return run;
    },
    { timeoutMs },
  );
}
