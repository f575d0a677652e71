/** Named places at which a test may kill the process. */
const target = process.env['TENANTD_CRASH_AT'];
const [name, nth = '1'] = target?.split('@') ?? [];
let seen = 0;

/**
 * Kills this process with SIGKILL when `TENANTD_CRASH_AT` is `here`, or `here@n` for the n-th time it is passed.
 * Costs one comparison otherwise.
 */
export function crashPoint(here: string): void {
  if (name !== here) return;
  seen += 1;
  if (seen === Number(nth)) process.kill(process.pid, 'SIGKILL');
}
