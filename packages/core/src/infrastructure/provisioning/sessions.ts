import type { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';

/** How long one session is given to end before the next look. */
const TERMINATE_WAIT_MS = 1_000;
const ALL_ENDED_WITHIN_MS = 15_000;

/** Ends all other sessions of this name that we may end; those of a daemon that died, or was stopped. */
export async function endWorkSessions(client: Client, applicationName: string): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity
      WHERE application_name = $1 AND pid <> pg_backend_pid() AND pg_has_role(usesysid, 'USAGE')`,
    [applicationName, TERMINATE_WAIT_MS],
  );
}

/**
 * Ends every session in a database that takes no new ones, until none is left. A session that is still
 * starting shows first as a lock on the database and then as activity; so none is left when both are empty
 * twice in a row. Throws `PERMISSION_MISSING`, naming whose sessions remain that we may not end, and
 * `LOCK_TIMEOUT` when sessions do not end in 15 s.
 */
export async function endDatabaseSessions(client: Client, database: string): Promise<void> {
  const deadline = performance.now() + ALL_ENDED_WITHIN_MS;
  for (let quietLooks = 0; ;) {
    const left = await endOnce(client, database);
    const foreign = left.filter(({ mayEnd }) => mayEnd === false);
    quietLooks = left.length === foreign.length ? quietLooks + 1 : 0;
    if (quietLooks === 2 && foreign.length === 0) return;
    if (quietLooks === 2) throw notAllowed(client, database, foreign);
    if (performance.now() > deadline)
      throw new Problem('LOCK_TIMEOUT', database, { more: ': its sessions do not end' });
  }
}

type Session = {
  readonly role: string | null;
  /** Null for a session that is still starting. */
  readonly mayEnd: boolean | null;
};

/** Ends those that we may end and waits a little for each; answers all that there were. */
async function endOnce(client: Client, database: string): Promise<Session[]> {
  const { rows } = await client.query<Session>(
    `WITH target AS (SELECT oid FROM pg_database WHERE datname = $1),
          present AS (
            SELECT a.pid, a.usename AS role,
                   me.rolsuper OR (pg_has_role(a.usesysid, 'USAGE') AND NOT them.rolsuper) AS may_end
              FROM pg_stat_activity a
              JOIN pg_roles me ON me.rolname = current_user
              JOIN pg_roles them ON them.oid = a.usesysid
             WHERE a.datid = (SELECT oid FROM target))
     SELECT role, may_end AS "mayEnd", CASE WHEN may_end THEN pg_terminate_backend(pid, $2) END
       FROM present
     UNION ALL
     SELECT NULL, NULL, NULL FROM pg_locks
      WHERE locktype = 'object' AND classid = 'pg_database'::regclass
        AND objid = (SELECT oid FROM target) AND pid <> pg_backend_pid()`,
    [database, TERMINATE_WAIT_MS],
  );
  return rows;
}

function notAllowed(client: Client, database: string, sessions: readonly Session[]): Problem {
  const roles = [...new Set(sessions.map(({ role }) => role))].join('", "');
  return new Problem('PERMISSION_MISSING', client.user ?? 'the provisioner', {
    more: `end the sessions of "${roles}" in the database "${database}"`,
    help: 'End them as a superuser, then repeat; the database takes no new ones.',
  });
}
