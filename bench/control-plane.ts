import { ControlPlane } from './control-plane-process.ts';
import type { Figure } from './figure.ts';
import { measurePairs } from './pairs.ts';
import type { PostgresServer } from './postgres-server.ts';

const SMALL = 1_000;
const LARGE = 100_000;
const PAIRS = 3;
const AT_MOST = 1.3;

/**
 * What an item of a run costs without any tenant: claims, records, events, read model and progress for an engine that
 * does nothing, in a run of 1,000 items and for as many items somewhere within a run of 100,000.
 */
export async function controlPlane(server: PostgresServer): Promise<Figure> {
  await using small = await ControlPlane.open(server, 'bench_small', SMALL);
  await using large = await ControlPlane.open(server, 'bench_large', LARGE);
  const { ours, baseline, ratio, spread } = await measurePairs(PAIRS, {
    ours: async () => (await measure(server, large)) / SMALL,
    baseline: async () => (await measure(server, small)) / SMALL,
  });
  return {
    bench: 'control-plane',
    what: `an item of ${LARGE} against one of ${SMALL}, no engine`,
    unit: 'ms/item',
    ours,
    baseline,
    ratio,
    target: `≤ ${AT_MOST}`,
    met: ratio <= AT_MOST,
    notes: [spread],
  };
}

async function measure(server: PostgresServer, plane: ControlPlane): Promise<number> {
  await server.checkpoint();
  return plane.workItems(SMALL);
}
