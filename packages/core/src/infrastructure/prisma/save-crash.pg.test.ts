import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestMaster } from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import type { Along } from '../../ports/tenant-database-write-repository.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const support = new URL('../../../../../test/support/master.ts', import.meta.url).href;
const saveInAnotherProcess = `
  const { openMaster } = await import(${JSON.stringify(support)});
  const [url, id, along] = process.argv.slice(1);
  const jobs = { start: async () => {}, complete: async () => {} };
  const { repository } = openMaster(url, { jobs });
  const record = await repository.findById(id);
  record.update({ errorMessage: 'saved', now: new Date() });
  await repository.save(record, JSON.parse(along));
  process.exit(0);
`;

/** How a process ends that saves the record, and `along` with it, and is killed at the named point. */
async function saveAndCrash(
  crashAt: string,
  along: Along,
  url: string,
  id: string,
): Promise<unknown> {
  const flags = ['--conditions=source', '--input-type=module', '-e', saveInAnotherProcess];
  const child = spawn(process.execPath, [...flags, url, id, JSON.stringify(along)], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, TENANTD_CRASH_AT: crashAt },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = await once(child, 'exit');
  return signal;
}

// Alone a save is one statement, which commits itself: only with a job there is something to die between.
const withJob = { completeJob: { jobId: randomUUID() } };
test.each<[string, Along, string | null, number]>([
  ['event.before_commit', withJob, null, 0],
  ['event.after_commit', withJob, 'saved', 1],
  ['event.after_commit', {}, 'saved', 1],
])(
  'a save that is killed at %s is there whole or not at all: %j',
  async (at, along, message, events) => {
    await using master = await openTestMaster(postgres);
    const { id } = await master.activeRecord();
    const before = (await master.events()).length;
    expect(await saveAndCrash(at, along, master.url, id)).toBe('SIGKILL');
    // The next save also shows that the dead one holds no lock.
    await master.newTenant();
    expect((await master.repository.findById(id))?.errorMessage ?? null).toBe(message);
    expect(await master.events()).toHaveLength(before + events + 1);
  },
);
