import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { EventLog, EventRetention, NumberedEvent } from '../../ports/event-log.ts';
import { eventOf } from '../prisma/outbox-event.ts';
import { NotificationListener } from './notification-listener.ts';
import { queryMaster } from './query-master.ts';

type Needs = {
  readonly pool: Pool;
  /** For the connection that listens. */
  readonly url: string;
  readonly applicationName: string;
};

type EventRow = {
  readonly seq: string;
  readonly type: string;
  readonly at: Date;
  readonly payload: object;
};

const channel = 'tenantctl_events';
/** Commits within this time share one notification. */
const NOTIFY_AFTER_MS = 25;
const eventsAfter = {
  name: 'events-after',
  text: `SELECT "seq", "type", "at", "payload" FROM "OutboxEvent"
    WHERE "seq" > $1 ORDER BY "seq" LIMIT $2`,
};
const epochKey = 'event-epoch';
const droppedKey = 'events-dropped-up-to';

/** The outbox in the master database. NOTIFY is only a hint to look: it may be late, lost, or in vain. */
export class PostgresEventLog implements EventLog, EventRetention {
  readonly #needs: Needs;
  /** Tells our own notifications from those of other processes. */
  readonly #self = randomUUID();
  readonly #wakes = new Set<() => void>();
  #listener: NotificationListener | undefined;
  #notify: NodeJS.Timeout | undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** To be called after each commit that wrote events: wakes this process at once, the others soon. */
  committed(): void {
    this.#wake();
    this.#notify ??= setTimeout(() => {
      this.#notify = undefined;
      this.#needs.pool
        .query('SELECT pg_notify($1, $2)', [channel, this.#self])
        .catch(() => undefined);
    }, NOTIFY_AFTER_MS).unref();
  }

  async epoch(): Promise<string> {
    return z.uuid().parse(await this.#setting(epochKey));
  }

  async head(): Promise<number> {
    const rows = await queryMaster<{ head: string | null }>(
      this.#needs.pool,
      'SELECT max("seq") AS head FROM "OutboxEvent"',
    );
    return Number(rows[0]?.head ?? 0);
  }

  async oldest(): Promise<number> {
    const dropped = await this.#setting(droppedKey);
    return dropped === undefined ? 0 : z.int().parse(dropped) + 1;
  }

  async after(seq: number, limit: number): Promise<readonly NumberedEvent[]> {
    const rows = await queryMaster<EventRow>(this.#needs.pool, eventsAfter, [seq, limit]);
    return rows.map((row) => ({ seq: Number(row.seq), event: eventOf(row) }));
  }

  onHint(wake: () => void): () => void {
    const { url, applicationName } = this.#needs;
    this.#wakes.add(wake);
    this.#listener ??= new NotificationListener({
      url,
      applicationName: `${applicationName}:listen`,
      channel,
      onNotification: (from) => from !== this.#self && this.#wake(),
    });
    return () => void this.#wakes.delete(wake);
  }

  async dropBefore(at: Date): Promise<number> {
    const rows = await queryMaster<{ dropped: number }>(
      this.#needs.pool,
      `WITH kept AS (
         SELECT coalesce(
           (SELECT "seq" FROM "OutboxEvent" WHERE "at" >= $1 ORDER BY "seq" LIMIT 1),
           (SELECT max("seq") FROM "OutboxEvent")
         ) AS first
       ), dropped AS (
         DELETE FROM "OutboxEvent" USING kept WHERE "seq" < kept.first RETURNING "seq"
       ), noted AS (
         INSERT INTO "GlobalSetting" AS stored ("key", "value", "updatedAt")
         SELECT $2, to_jsonb(max("seq")), now() FROM dropped HAVING count(*) > 0
         ON CONFLICT ("key") DO UPDATE SET "value" = excluded."value", "updatedAt" = now()
         WHERE (excluded."value")::bigint > (stored."value")::bigint
       )
       SELECT count(*)::int AS dropped FROM dropped`,
      [at, droppedKey],
    );
    return rows[0]?.dropped ?? 0;
  }

  async close(): Promise<void> {
    clearTimeout(this.#notify);
    this.#wakes.clear();
    await this.#listener?.close();
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
  }

  async #setting(key: string): Promise<unknown> {
    const rows = await queryMaster<{ value: unknown }>(
      this.#needs.pool,
      'SELECT "value" FROM "GlobalSetting" WHERE "key" = $1',
      [key],
    );
    return rows[0]?.value;
  }
}
