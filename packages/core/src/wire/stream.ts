import { z } from 'zod';
import { MigrationRunViewModel } from '../application/view-models/migration-run-view-model.ts';
import { ServerViewModel } from '../application/view-models/server-view-model.ts';
import { TenantDatabaseViewModel } from '../application/view-models/tenant-database-view-model.ts';
import { TenantViewModel } from '../application/view-models/tenant-view-model.ts';
import { TenantDatabaseChange } from '../domain/tenant-database-events.ts';

/** The version of this protocol; a daemon refuses another one. */
export const streamProtocol = 1;

/** A sequence number of the outbox. */
const Seq = z.int().nonnegative();

/**
 * The client's first message, within 5 s. With `lastSeq` and `epoch` it resumes: it gets what it missed,
 * once, or a snapshot when that is too long ago or from another epoch. `tenants` narrows snapshot and
 * changes to some tenants (ids), or to none; runs are always sent.
 */
export const Hello = z.object({
  type: z.literal('hello'),
  protocol: z.literal(streamProtocol),
  token: z.string().optional(),
  lastSeq: Seq.optional(),
  epoch: z.uuid().optional(),
  tenants: z.array(z.uuid()).max(500).optional(),
});
export type Hello = z.infer<typeof Hello>;

export const Ack = z.object({ type: z.literal('ack'), seq: Seq });
export type Ack = z.infer<typeof Ack>;

export const ClientMessage = z.discriminatedUnion('type', [Hello, Ack]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** How the daemon is called and how strictly the terminal must ask. */
export const DaemonInfo = z.object({
  name: z.string(),
  protected: z.boolean(),
  version: z.string(),
  role: z.enum(['viewer', 'operator', 'admin']),
  principal: z.string(),
});
export type DaemonInfo = z.infer<typeof DaemonInfo>;

/**
 * The world at `seq`, in chunks: each but the last has `more: true`, and everything but `databases` and
 * `tenants` is the same in all of them. `tenants` are those without a database.
 */
export const Snapshot = z.object({
  type: z.literal('snapshot'),
  epoch: z.uuid(),
  seq: Seq,
  daemon: DaemonInfo,
  databases: z.array(TenantDatabaseViewModel),
  tenants: z.array(TenantViewModel),
  servers: z.array(ServerViewModel),
  /** The run that is going on, else the last one. */
  run: MigrationRunViewModel.nullable(),
  more: z.boolean(),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** What changed: exactly one of these per outbox event. */
export const Change = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tenant-database'),
    change: z.union([z.literal('created'), z.literal('deleted'), TenantDatabaseChange]),
    reason: z.string().optional(),
    database: TenantDatabaseViewModel,
  }),
  z.object({ kind: z.literal('tenant'), tenant: TenantViewModel }),
  z.object({ kind: z.literal('run'), run: MigrationRunViewModel }),
]);
export type Change = z.infer<typeof Change>;

/** One event of the outbox, in order, nothing missing. */
export const ChangeMessage = z.object({
  type: z.literal('change'),
  seq: Seq,
  at: z.coerce.date(),
  change: Change,
});
export type ChangeMessage = z.infer<typeof ChangeMessage>;

/** Where one item of a run, or one operation, is right now. */
export const Step = z.object({
  tenantDatabaseId: z.uuid(),
  tenantSlug: z.string(),
  /** The migration being applied, `index` of `total`; absent while connecting or waiting. */
  migration: z.string().optional(),
  index: z.int().positive().optional(),
  total: z.int().positive().optional(),
  /** Why it waits: another attempt after a lock timeout, for example. */
  waiting: z.string().optional(),
  attempt: z.int().nonnegative(),
  since: z.coerce.date(),
});
export type Step = z.infer<typeof Step>;

/** Ephemeral: the latest one wins, at most 4 a second, never replayed. */
export const Progress = z.object({
  type: z.literal('progress'),
  run: MigrationRunViewModel,
  /** Items ended per second over the last 30 s. */
  ratePerSecond: z.number().nonnegative(),
  /** Seconds until the end, as a range; null when there is no rate yet. */
  etaSeconds: z.tuple([z.number(), z.number()]).nullable(),
  /** Slowest first, at most 50. */
  inFlight: z.array(Step),
});
export type Progress = z.infer<typeof Progress>;

/** Every 5 s: the daemon is alive and the client is up to date to here. */
export const Bookmark = z.object({
  type: z.literal('bookmark'),
  seq: Seq,
  at: z.coerce.date(),
  /** Set while the master database does not answer. */
  degraded: z.string().optional(),
});
export type Bookmark = z.infer<typeof Bookmark>;

/** Forget what you have: a snapshot follows. */
export const Resync = z.object({ type: z.literal('resync'), reason: z.string() });
export type Resync = z.infer<typeof Resync>;

/** The stream refuses; the connection closes after it. */
export const Refused = z.object({
  type: z.literal('refused'),
  code: z.string(),
  message: z.string(),
});
export type Refused = z.infer<typeof Refused>;

export const ServerMessage = z.discriminatedUnion('type', [
  Snapshot,
  ChangeMessage,
  Progress,
  Bookmark,
  Resync,
  Refused,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
