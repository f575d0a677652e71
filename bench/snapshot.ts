import { openFleetStream } from '@tenantctl/core/client/fleet-stream';
import type { Figure } from './figure.ts';
import { insertRecords, type Records } from './records.ts';
import { median } from './statistics.ts';

const RECORDS = 10_000;
const CLIENTS = 7;
const WITHIN_MS = 1_000;

/** How long a client that is new waits for the whole fleet; one client after the other. */
export async function snapshot(records: Records): Promise<Figure> {
  await insertRecords(records.masterUrl, RECORDS);
  const taken: number[] = [];
  for (let client = 0; client < CLIENTS; client += 1) taken.push(await takeSnapshot(records));
  const [first = NaN] = taken;
  const middle = median(taken);
  return {
    bench: 'snapshot',
    what: `${RECORDS} records to a new client`,
    unit: 'ms',
    ours: middle,
    baseline: null,
    ratio: null,
    target: `< ${WITHIN_MS} ms`,
    met: middle < WITHIN_MS,
    notes: [
      `the first of ${CLIENTS} clients ${Math.round(first)} ms, the slowest ${Math.round(Math.max(...taken))} ms`,
    ],
  };
}

/** From the decision to connect until the last chunk is parsed and put together. */
async function takeSnapshot({ daemon }: Records): Promise<number> {
  const startedAt = performance.now();
  const whole = Promise.withResolvers<number>();
  const stream = openFleetStream({
    address: daemon.address,
    onMessage: (message) => {
      if (message.type === 'snapshot') whole.resolve(message.databases.length);
    },
  });
  const received = await whole.promise;
  const tookMs = performance.now() - startedAt;
  stream.close();
  if (received !== RECORDS) throw new Error(`the snapshot has ${received} of ${RECORDS} records`);
  return tookMs;
}
