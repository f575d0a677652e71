import { readFleet } from '@tenantctl/core/client/read-fleet';
import { countsLine, tenantDatabaseColumns } from '../plain/tenant-database-table.ts';
import { progressLine } from '../plain/run-lines.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { fleetOrder } from './fleet-order.ts';

/** `tenantctl` where there is no terminal to open a screen on: the fleet, once. */
export async function overview({ connection, output, now }: CommandContext): Promise<ExitCode> {
  const { databases, run } = await readFleet(connection);
  output.line(countsLine(databases, output.look));
  if (run !== null) output.line(progressLine(run, undefined, output.look));
  output.rows(tenantDatabaseColumns(output.look.glyphs, now()), databases.toSorted(fleetOrder()));
  return exitCode.done;
}
