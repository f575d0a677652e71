import { migrateBare, readLedgersBare } from './bare-loop.ts';
import type { Figure } from './figure.ts';
import type { Fleet, RunTiming } from './fleet.ts';
import { peakMemoryMb } from './machine.ts';
import { measurePairs, type Pairs } from './pairs.ts';
import { median } from './statistics.ts';

const RATIO = 0.6;
const NOTHING_WITHIN_S = 10;
/** Fewer pairs where each takes longer. */
const pairsFor = (tenants: number) => (tenants > 300 ? 3 : 5);

/** A fleet migration with one pending migration, against the same SQL in a bare loop. */
export async function migrateAllPending(fleet: Fleet): Promise<Figure> {
  await settled(fleet);
  const timings: RunTiming[] = [];
  const pairs = await measurePairs(pairsFor(fleet.size), {
    ours: async () => {
      await fleet.migrations.release(fleet.migrations.next());
      await fleet.server.checkpoint();
      return perSecond(fleet, note(timings, await fleet.migrateAll()));
    },
    baseline: async () => {
      const migration = fleet.migrations.next();
      await fleet.server.checkpoint();
      const tookMs = await migrateBare(fleet, migration);
      // To the daemon it is one that somebody has applied by hand.
      await fleet.migrations.release(migration);
      return perSecond(fleet, tookMs);
    },
  });
  return figure(fleet, 'migrate-all-pending', 'one migration pending', pairs, {
    target: `≥ ${RATIO}`,
    met: pairs.ratio >= RATIO,
    notes: [...timeNotes(timings), ...(await memoryNote(fleet))],
  });
}

/** A fleet migration that finds nothing to do, against a bare loop that reads every ledger. */
export async function migrateAllNothing(fleet: Fleet): Promise<Figure> {
  await settled(fleet);
  const timings: RunTiming[] = [];
  const pairs = await measurePairs(pairsFor(fleet.size), {
    ours: async () => perSecond(fleet, note(timings, await fleet.migrateAll())),
    baseline: async () => perSecond(fleet, await readLedgersBare(fleet)),
  });
  const seconds = median(timings.map(({ wallMs }) => wallMs)) / 1000;
  return figure(fleet, 'migrate-all-nothing', 'nothing pending', pairs, {
    target: `≥ ${RATIO}, < ${NOTHING_WITHIN_S} s`,
    met: pairs.ratio >= RATIO && seconds < NOTHING_WITHIN_S,
    notes: timeNotes(timings),
  });
}

/** Every record as its ledger is, and every database visited once: what is measured next finds warm caches. */
async function settled(fleet: Fleet): Promise<void> {
  await readLedgersBare(fleet);
  await fleet.migrateAll();
}

function note(timings: RunTiming[], timing: RunTiming): number {
  timings.push(timing);
  return timing.wallMs;
}

const perSecond = (fleet: Fleet, tookMs: number) => (fleet.size * 1000) / tookMs;

function timeNotes(timings: readonly RunTiming[]): string[] {
  const wall = median(timings.map(({ wallMs }) => wallMs));
  const own = median(timings.map(({ ownMs }) => ownMs));
  return [`${seconds(wall)} from request to end (${seconds(own)} by the run's own times)`];
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

async function memoryNote(fleet: Fleet): Promise<string[]> {
  const mb = await peakMemoryMb(fleet.daemonPid);
  return mb === undefined ? [] : [`tenantd held ${mb} MB at most`];
}

function figure(
  fleet: Fleet,
  bench: string,
  what: string,
  { ours, baseline, ratio, spread }: Pairs,
  rest: Pick<Figure, 'target' | 'met' | 'notes'>,
): Figure {
  const notes = [spread, ...rest.notes];
  const described = `${fleet.size} tenants, ${what}`;
  return { bench, what: described, unit: 'tenants/s', ours, baseline, ratio, ...rest, notes };
}
