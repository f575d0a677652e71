import { spawn } from 'node:child_process';
import type { SystemUser } from './system-user.ts';

/** Stops PostgreSQL when our own process is gone. */
export interface Guard {
  /** From now on it is this postmaster that must not survive us; `undefined`: none. */
  watch(pid: number | undefined): void;
  /** Nothing is left to be guarded. */
  dismiss(): void;
}

// The kernel closes our end of its standard input however we die, SIGKILL included, and `read` ends.
// The loop is bounded because a container without an init process never reaps the postmaster.
const SCRIPT = `
trap '' HUP INT TERM
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then kill -s "$1" "$pid"; fi
if [ -n "$2" ]; then
  tries=0
  while [ -n "$pid" ] && kill -0 "$pid" && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  rm -rf "$2"
fi
`;

type GuardOptions = {
  readonly user: SystemUser | undefined;
  /** A directory to be removed, too, once we are gone. */
  readonly remove?: string | undefined;
};

/**
 * Starts a small shell that outlives us by the moment it needs to end PostgreSQL: with a fast shutdown,
 * or an immediate one where the directory is to be removed anyway.
 */
export function startGuard({ user, remove }: GuardOptions): Guard {
  const signal = remove === undefined ? 'INT' : 'QUIT';
  const child = spawn('sh', ['-c', SCRIPT, 'guard', signal, remove ?? ''], {
    ...user,
    cwd: '/',
    // Its own session, so that Ctrl-C in our terminal does not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return {
    watch: (pid) => void child.stdin.write(`${pid ?? ''}\n`),
    dismiss: () => void child.kill('SIGKILL'),
  };
}
