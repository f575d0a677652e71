import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { postmasterOf, processOf } from './postmaster-process.ts';

const GONE_WITHIN_MS = 5_000;

// Every process of a server works in its data directory and names itself "postgres: <what>".
function orphansIn(dataDirectory: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      if (workingDirectoryOf(pid) !== dataDirectory) return false;
      const found = processOf(pid);
      const isBackend = found?.commandLine.startsWith('postgres: ') === true;
      return isBackend && !postmasterOf(dataDirectory, found.parent);
    });
}

function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/**
 * Ends what a dead postmaster left at work in this data directory; a living one's children are left alone.
 * A session in the middle of a computation does not look for its postmaster: it works on, and keeps the
 * shared memory that the next server needs. SIGKILL does no further harm, since the next start recovers
 * anyway. On Linux only; elsewhere such a session has to end by itself.
 */
export async function endOrphanedBackends(dataDirectory: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const deadline = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    const orphans = orphansIn(dataDirectory);
    if (orphans.length === 0 || performance.now() > deadline) return;
    for (const pid of orphans) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has gone by itself.
      }
    }
    await sleep(10);
  }
}
