import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import type { ExclusiveLock } from '../../ports/exclusive-lock.ts';
import { asMasterProblem } from '../prisma/prisma-errors.ts';

type Needs = {
  readonly url: string;
  readonly applicationName: string;
  /** How often a waiting one asks for the lock. */
  readonly retryMs?: number;
  /** How often the holder shows that it lives; after three times that the server gives the lock away. */
  readonly heartbeatMs?: number;
};

/**
 * An advisory lock of the master database, held by a connection of its own. PostgreSQL ends that session when
 * it is silent for too long, so that neither a daemon that was stopped nor a machine that vanished keeps the
 * lock.
 */
export class PostgresExclusiveLock implements ExclusiveLock {
  readonly #needs: Required<Needs>;

  constructor({ retryMs = 1_000, heartbeatMs = 5_000, ...needs }: Needs) {
    this.#needs = { ...needs, retryMs, heartbeatMs };
  }

  async hold(
    name: string,
    signal: AbortSignal,
    work: (held: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const client = this.#client(name);
    const lost = new AbortController();
    const lose = (cause?: unknown) => lost.abort(lockLost(name, cause));
    client.on('error', lose);
    client.on('end', lose);
    const ended = new AbortController();
    const until = AbortSignal.any([signal, lost.signal, ended.signal]);
    try {
      await client.connect().catch(asMasterProblem);
      if (await this.#acquire(client, name, until)) {
        const beating = this.#beat(client, until, lose);
        try {
          await work(AbortSignal.any([signal, lost.signal]));
        } finally {
          ended.abort();
          await beating;
        }
      }
      if (!signal.aborted) lost.signal.throwIfAborted();
    } finally {
      client.off('end', lose);
      await client.end().catch(() => undefined);
    }
  }

  #client(name: string): Client {
    const { url, applicationName, heartbeatMs } = this.#needs;
    return new Client({
      connectionString: url,
      application_name: `${applicationName}:lock:${name}`,
      connectionTimeoutMillis: 10_000,
      query_timeout: heartbeatMs,
      keepAlive: true,
      options: `-c idle_session_timeout=${3 * heartbeatMs}`,
    });
  }

  /** Asks until the lock is ours; false when `until` aborts first. */
  async #acquire(client: Client, name: string, until: AbortSignal): Promise<boolean> {
    while (!until.aborted) {
      const { rows } = await client
        .query<{ locked: boolean }>('SELECT pg_try_advisory_lock(7464, hashtext($1)) AS locked', [
          name,
        ])
        .catch(asMasterProblem);
      if (rows[0]?.locked === true) return true;
      await pause(this.#needs.retryMs, until);
    }
    return false;
  }

  async #beat(client: Client, until: AbortSignal, lose: (cause: unknown) => void): Promise<void> {
    while (!until.aborted) {
      await pause(this.#needs.heartbeatMs, until);
      if (!until.aborted) await client.query('SELECT 1').catch(lose);
    }
  }
}

const lockLost = (name: string, cause: unknown) =>
  new Problem('MASTER_UNREACHABLE', 'master', { more: `: the lock "${name}" was lost`, cause });

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
