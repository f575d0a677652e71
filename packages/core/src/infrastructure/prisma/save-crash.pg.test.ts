import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestMaster } from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const support = new URL('../../../../../test/support/master.ts', import.meta.url).href;
const saveInAnotherProcess = `
  const { openMaster } = await import(${JSON.stringify(support)});
  const [url, id] = process.argv.slice(1);
  const { repository } = openMaster(url);
  const record = await repository.findById(id);
  record.update({ errorMessage: 'saved', now: new Date() });
  await repository.save(record);
  process.exit(0);
`;

/** How a process ends that saves the record and is killed at the named point. */
async function saveAndCrash(crashAt: string, url: string, id: string): Promise<unknown> {
  const flags = ['--conditions=source', '--input-type=module', '-e', saveInAnotherProcess];
  const child = spawn(process.execPath, [...flags, url, id], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, TENANTD_CRASH_AT: crashAt },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = await once(child, 'exit');
  return signal;
}

test.each([
  ['event.before_commit', null, 0],
  ['event.after_commit', 'saved', 1],
])('a save that is killed at %s is there whole or not at all', async (at, message, events) => {
  await using master = await openTestMaster(postgres);
  const { id } = await master.activeRecord();
  const before = (await master.events()).length;
  expect(await saveAndCrash(at, master.url, id)).toBe('SIGKILL');
  // The next save also shows that the dead one holds no lock.
  await master.newTenant();
  expect((await master.repository.findById(id))?.errorMessage ?? null).toBe(message);
  expect(await master.events()).toHaveLength(before + events + 1);
});
