import type { FleetAt } from '@tenantctl/core/ports/fleet-snapshot';
import type { DaemonInfo, Snapshot } from '@tenantctl/core/wire/stream';

/** At most this many databases or tenants a chunk, and about this many bytes. */
const MAX_RECORDS = 500;
const MAX_BYTES = 160_000;
/** A record without a failure; only failures, which quote SQL, differ much in size. */
const BYTES_OF_RECORD = 700;

type Database = FleetAt['databases'][number];
type Head = { readonly epoch: string; readonly daemon: DaemonInfo };

/** The fleet as `snapshot` messages, each but the last with `more: true`; written out one at a time. */
export function* snapshotChunks(fleet: FleetAt, { epoch, daemon }: Head): Generator<string> {
  const { seq, servers, run } = fleet;
  const chunk = (part: Pick<Snapshot, 'databases' | 'tenants' | 'more'>): string => {
    const world = { epoch, seq, daemon, servers: [...servers], run };
    return JSON.stringify({ type: 'snapshot', ...world, ...part } satisfies Snapshot);
  };
  let sent = 0;
  let end = 0;
  while (end < fleet.databases.length) {
    end = endOfChunk(fleet.databases, sent);
    const more = end < fleet.databases.length || fleet.tenants.length > 0;
    yield chunk({ databases: fleet.databases.slice(sent, end), tenants: [], more });
    sent = end;
  }
  for (let from = 0; from < fleet.tenants.length; from += MAX_RECORDS) {
    const tenants = fleet.tenants.slice(from, from + MAX_RECORDS);
    yield chunk({ databases: [], tenants, more: from + MAX_RECORDS < fleet.tenants.length });
  }
  if (fleet.databases.length + fleet.tenants.length === 0) {
    yield chunk({ databases: [], tenants: [], more: false });
  }
}

/** At least one record, however large it is. */
function endOfChunk(databases: readonly Database[], start: number): number {
  let end = start;
  let bytes = 0;
  for (const database of databases.slice(start, start + MAX_RECORDS)) {
    bytes += bytesOf(database);
    if (bytes > MAX_BYTES && end > start) break;
    end += 1;
  }
  return end;
}

function bytesOf({ failure }: Database): number {
  // Twice: the failure's message stands in `errorMessage` too.
  return BYTES_OF_RECORD + (failure === null ? 0 : 2 * JSON.stringify(failure).length);
}
