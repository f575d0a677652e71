import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@tenantctl/core/domain/errors';

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

type Process = { readonly parent: number; readonly commandLine: string };

/** A living process; undefined for one that is gone or only waits to be reaped. */
function processOf(pid: number): Process | undefined {
  try {
    if (process.platform === 'linux') {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is the name in parentheses, which may itself hold blanks.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return commandLine === '' ? undefined : { parent, commandLine };
    }
    const line = execFileSync('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)]);
    const found = /^\s*(?<parent>\d+)\s+(?<commandLine>.+)$/m.exec(line.toString());
    const { parent, commandLine } = found?.groups ?? {};
    return parent && commandLine ? { parent: Number(parent), commandLine } : undefined;
  } catch {
    return undefined;
  }
}

// Its children carry "postgres: <what>" instead, so a reused pid is not taken for the postmaster.
function postmasterOf(dataDirectory: string, pid: number): Process | undefined {
  const found = processOf(pid);
  return found && `${found.commandLine} `.includes(`postgres -D ${dataDirectory} `)
    ? found
    : undefined;
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
  // PostgreSQL would refuse to start where another process has got the pid that stands in it.
  await rm(path.join(dataDirectory, 'postmaster.pid'), { force: true });
}
