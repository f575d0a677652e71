import { readFleet } from '@tenantctl/core/client/read-fleet';

import { tenantDatabaseColumns } from '../plain/tenant-database-table.ts';
import { countText } from '../theme/amounts.ts';
import type { LoadedCommand } from './context.ts';
import { exitCode } from './exit-code.ts';
import { fleetOrder } from './fleet-order.ts';
import { databaseFilter } from './database-filter.ts';

type Options = { readonly filter?: string; readonly sort?: string; readonly limit?: number };

/** `list`: the records as they are now, those that need attention first unless sorted otherwise. */
export function list({
  filter = '',
  sort,
  limit = Number.POSITIVE_INFINITY,
}: Options): LoadedCommand {
  const filterFor = databaseFilter(filter);
  const order = fleetOrder(sort);
  return async (context) => {
    const { connection, output, now } = context;
    const holds = await filterFor(context);
    const at = now();
    const { databases } = await readFleet(connection);
    const found = databases.filter((database) => holds(database, at)).toSorted(order);
    const shown = found.slice(0, limit);
    output.rows(tenantDatabaseColumns(output.look.glyphs, at), shown);
    if (shown.length < found.length) {
      output.note(`${countText(shown.length)} of ${countText(found.length)} shown.`);
    }
    return exitCode.done;
  };
}
