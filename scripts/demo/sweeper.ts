import { spawn } from 'node:child_process';

// The kernel closes our end of its standard input however we die, SIGKILL included, and `read` ends. Then
// tenantd's input has ended as well: it stops PostgreSQL and itself, and only what it leaves is swept. The
// loop is bounded because a container without an init process never reaps the daemon.
const SCRIPT = `
trap '' HUP INT TERM
pid=
while read -r line; do pid=$line; done
tries=0
while [ -n "$pid" ] && kill -0 "$pid" && [ "$tries" -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$1"
`;

/**
 * Starts a small shell that removes `directory` when our own process is gone, however it ends. The returned
 * function names the process that works in there, and whose end is waited for first.
 */
export function startSweeper(directory: string): (pid: number | undefined) => void {
  const child = spawn('sh', ['-c', SCRIPT, 'sweeper', directory], {
    cwd: '/',
    // Its own session: neither Ctrl-C nor the end of our terminal reaches it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return (pid) => void child.stdin.write(`${pid ?? ''}\n`);
}
