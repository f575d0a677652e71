import { setTimeout as sleep } from 'node:timers/promises';
import { openFleetStream } from '@tenantctl/core/client/fleet-stream';
import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import { clockMs } from './clock.ts';
import { connect } from './connect.ts';
import type { Figure } from './figure.ts';
import { inParallel } from './in-parallel.ts';
import type { Records } from './records.ts';
import { openScreen } from './screen.ts';
import { percentile } from './statistics.ts';

const PER_SECOND = 200;
const SECONDS = 10;
const CONNECTIONS = 32;
const CLIENT_P95_MS = 150;
/** The design's promise to the eye: from the event to the picture. */
const SCREEN_P95_MS = 250;
const LAST_WITHIN_MS = 10_000;

/**
 * Commands at a steady rate through the API; how long each one's change takes from its commit, by the clock of
 * PostgreSQL (`track_commit_timestamp`), to a client of the stream and to the terminal's picture.
 */
export async function eventLatency(records: Records): Promise<Figure[]> {
  const arrived = new Map<number, number>();
  await using screen = await openScreen();
  const stream = openFleetStream({
    address: records.daemon.address,
    onMessage: (message) => {
      screen.show(message);
      if (message.type !== 'change') return;
      arrived.set(message.seq, clockMs());
      screen.expect(message.seq);
    },
  });
  try {
    await until(() => screen.known);
    const perSecond = await sendSteadily(records);
    await until(() => screen.painted.size === PER_SECOND * SECONDS);
    const committed = await commitTimes(records);
    const rate = `${perSecond.toFixed(0)} changes/s for ${SECONDS} s`;
    return [
      figure(`${rate}, commit to client`, latenciesOf(committed, arrived), CLIENT_P95_MS),
      figure(`${rate}, commit to frame`, latenciesOf(committed, screen.painted), SCREEN_P95_MS),
    ];
  } finally {
    stream.close();
  }
}

type Moments = ReadonlyMap<number, number>;

function latenciesOf(committed: Moments, seen: Moments): number[] {
  return [...seen].map(([seq, at]) => at - (committed.get(seq) ?? NaN));
}

/** By event number, in milliseconds since 1970. */
async function commitTimes({ masterUrl }: Records): Promise<Moments> {
  const client = await connect(masterUrl);
  try {
    const { rows } = await client.query<{ seq: number; at: number }>(
      `SELECT "seq"::int AS seq,
              extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS at
         FROM "OutboxEvent"`,
    );
    return new Map(rows.map(({ seq, at }) => [seq, at]));
  } finally {
    await client.end();
  }
}

/**
 * Sends each command when it is due, or as soon as a connection is free: the daemon has a limit on those. Answers the
 * rate that came of it.
 */
async function sendSteadily({ daemon }: Records): Promise<number> {
  const numbers = Array.from({ length: PER_SECOND * SECONDS }, (_, index) => index);
  const startedAt = performance.now();
  const tookMs = await inParallel(numbers, CONNECTIONS, async (index) => {
    const dueInMs = startedAt + (index * 1000) / PER_SECOND - performance.now();
    if (dueInMs > 0) await sleep(dueInMs);
    const slug = `event-${String(index).padStart(5, '0')}`;
    await daemon.client.request(createTenant, { input: { slug } });
  });
  return (numbers.length * 1000) / tookMs;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + LAST_WITHIN_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('changes are missing');
    await sleep(5);
  }
}

function figure(what: string, latencies: readonly number[], targetMs: number): Figure {
  const p95 = percentile(latencies, 0.95);
  const [p50, max] = [percentile(latencies, 0.5), percentile(latencies, 1)];
  return {
    bench: 'event-latency',
    what,
    unit: 'ms p95',
    ours: p95,
    baseline: null,
    ratio: null,
    target: `< ${targetMs} ms`,
    met: p95 < targetMs,
    notes: [`p50 ${p50.toFixed(1)} ms, max ${max.toFixed(1)} ms`],
  };
}
