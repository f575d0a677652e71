import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packagedBinaries } from '@tenantctl/daemon/embedded-postgres/binaries';
import { startEmbeddedPostgres } from '@tenantctl/daemon/embedded-postgres/embedded-postgres';
import { prepareMaster } from '@tenantctl/daemon/embedded-postgres/prepare-master';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kept = ['data', 'superuser-password'];
const run = promisify(execFile);

/** What the template depends on: the binaries, how a data directory is made, and who makes it. */
async function templateKey(): Promise<string> {
  const hash = createHash('sha256').update(String(process.getuid?.()));
  hash.update(await readFile(path.join(packagedBinaries(), '../package.json')));
  for (const source of ['data-directory.ts', 'prepare-master.ts']) {
    hash.update(await readFile(path.join(root, 'packages/daemon/src/embedded-postgres', source)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function makeTemplate(template: string): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-pg-'));
  const staged = `${template}.${process.pid}`;
  try {
    const server = await startEmbeddedPostgres({
      directory,
      fsync: false,
      removeWhenAbandoned: true,
    });
    await prepareMaster(server.superuserUrl, { directory });
    await server.stop();
    await mkdir(staged, { recursive: true });
    await run('cp', ['-a', ...kept.map((name) => path.join(directory, name)), staged]);
    // Another worker may have been faster; then there is nothing left to do.
    await rename(staged, template).catch(() => {});
  } finally {
    await rm(staged, { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Fills an empty directory with a data directory that was initialised before and is kept in
 * node_modules/.cache: a copy takes a third of the time of initdb. The provisioner's password is not part of
 * it, so each server has its own. Where that folder may not be written, the directory stays empty.
 */
export async function copyTemplate(directory: string): Promise<void> {
  const cache = path.join(root, 'node_modules/.cache/test-postgres');
  const template = path.join(cache, await templateKey());
  try {
    if (!existsSync(template)) await makeTemplate(template);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return;
    throw error;
  }
  await run('cp', ['-a', ...kept.map((name) => path.join(template, name)), directory]);
}
