/**
 * Measures the product on a PostgreSQL of its own and prints what came out beside the bare way of doing the same and
 * what the design asks for:
 *
 *     npm run bench [-- name… --tenants 200,1000 --json]
 *
 * Only ratios within one run mean something on another machine, so both sides are measured in turn.
 */
import { benchNames, readCommandLine, type BenchName, type Choice } from './command-line.ts';
import { controlPlane } from './control-plane.ts';
import { eventLatency } from './event-latency.ts';
import type { Figure } from './figure.ts';
import { Fleet } from './fleet.ts';
import { describeMachine } from './machine.ts';
import { migrateAllNothing, migrateAllPending } from './migrate-all.ts';
import { startPostgresServer } from './postgres-server.ts';
import { provision } from './provision.ts';
import { openRecords } from './records.ts';
import { snapshot } from './snapshot.ts';
import { machineLine, tableOf } from './table.ts';

const choice = readOrRefuse();
const machine = describeMachine();
const chosen = (...names: readonly BenchName[]) => names.some((name) => choice.names.has(name));
const figures: Figure[] = [];
let postgres = '';
await using ends = new AsyncDisposableStack();

const interrupted = Promise.withResolvers<never>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Not `once`: the renderer's own listener ends the process when it finds itself alone.
  process.on(signal, () => interrupted.reject(new Error(`ended by ${signal}`)));
}
// Not left to Node, which would end us with everything still running.
process.on('uncaughtException', (error) => interrupted.reject(error));
try {
  await Promise.race([measure(), interrupted.promise]);
} catch (error) {
  process.exitCode = 1;
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
}
print();
await ends.disposeAsync();
// Whatever was under way when somebody pressed Ctrl-C has lost its server by now.
process.exit();

function readOrRefuse(): Choice {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}

async function measure(): Promise<void> {
  if (chosen('provision', 'migrate-all-pending', 'migrate-all-nothing')) await measureFleet();
  if (chosen('event-latency', 'snapshot', 'control-plane')) await measureRecords();
}

/** What needs real tenant databases: one fleet that grows. */
async function measureFleet(): Promise<void> {
  const server = ends.use(await startPostgresServer({ databases: choice.tenants.at(-1) ?? 0 }));
  postgres = server.version;
  const fleet = ends.use(await Fleet.open(server));
  for (const [index, tenants] of choice.tenants.entries()) {
    if (index === 0 && chosen('provision')) add(await provision(fleet, tenants));
    say(`provisioning up to ${tenants} tenants …`);
    await fleet.growTo(tenants);
    if (chosen('migrate-all-pending')) add(await migrateAllPending(fleet));
    if (chosen('migrate-all-nothing')) add(await migrateAllNothing(fleet));
  }
  await fleet[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
}

/** What needs records alone: each with a master database of its own. */
async function measureRecords(): Promise<void> {
  const server = ends.use(
    await startPostgresServer({ settings: { track_commit_timestamp: 'on' } }),
  );
  postgres = server.version;
  if (chosen('event-latency')) {
    const records = ends.use(await openRecords(server, 'bench_events'));
    add(...(await eventLatency(records)));
    await records[Symbol.asyncDispose]();
  }
  if (chosen('snapshot')) {
    const records = ends.use(await openRecords(server, 'bench_snapshot'));
    add(await snapshot(records));
    await records[Symbol.asyncDispose]();
  }
  if (chosen('control-plane')) add(await controlPlane(server));
}

function add(...more: readonly Figure[]): void {
  figures.push(...more);
  for (const { bench, what } of more) say(`${bench}: ${what} done`);
}

/** Progress, where it is in nobody's way. */
function say(line: string): void {
  if (!choice.json) console.error(`bench: ${line}`);
}

function print(): void {
  const inOrder = benchNames.flatMap((name) => figures.filter(({ bench }) => bench === name));
  if (choice.json) {
    console.log(JSON.stringify({ machine: { ...machine, postgres }, figures: inOrder }, null, 2));
  } else if (inOrder.length > 0) {
    console.log(`\n${tableOf(inOrder)}\n\n${machineLine(machine, postgres)}`);
  }
}
