import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@tenantctl/core/domain/errors';
import { endOrphanedBackends } from './orphaned-backends.ts';
import { postmasterOf } from './postmaster-process.ts';

const FAST_SHUTDOWN_MS = 10_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

type PidFile = { readonly pid: number; readonly ready: boolean };

/** What `postmaster.pid` says; undefined when there is none. Line 1 is the pid, line 8 the state. */
export async function readPidFile(dataDirectory: string): Promise<PidFile | undefined> {
  const text = await readFile(path.join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

async function goneWithin(milliseconds: number, dataDirectory: string, pid: number) {
  const deadline = performance.now() + milliseconds;
  while (postmasterOf(dataDirectory, pid)) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/**
 * Makes a data directory free to be started: a postmaster that a killed process left running is stopped,
 * a `postmaster.pid` that speaks of no such postmaster is removed. `owner` is the process that started
 * the last one: while it lives and still has it as its child, the directory is in use and this throws.
 */
export async function endStalePostmaster(
  dataDirectory: string,
  owner: number | undefined,
  log: (line: string) => void,
): Promise<void> {
  const pid = (await readPidFile(dataDirectory))?.pid;
  if (pid === undefined) return;
  const postmaster = postmasterOf(dataDirectory, pid);
  if (postmaster && postmaster.parent === owner) {
    throw new Problem('EMBEDDED_POSTGRES_DIRECTORY', path.dirname(dataDirectory), {
      more: `: process ${owner} is using it`,
    });
  }
  if (postmaster) {
    log(`stopping the postmaster ${pid} that a killed process left behind`);
    process.kill(pid, 'SIGINT');
    if (!(await goneWithin(FAST_SHUTDOWN_MS, dataDirectory, pid))) process.kill(pid, 'SIGQUIT');
    if (!(await goneWithin(IMMEDIATE_SHUTDOWN_MS, dataDirectory, pid)))
      process.kill(pid, 'SIGKILL');
    await goneWithin(IMMEDIATE_SHUTDOWN_MS, dataDirectory, pid);
  }
  await endOrphanedBackends(dataDirectory);
  // PostgreSQL would refuse to start where another process has got the pid that stands in it.
  await rm(path.join(dataDirectory, 'postmaster.pid'), { force: true });
}
