import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { runTui } from '@tenantctl/tui/tui';
import { cast } from './cast.ts';
import type { Fleet } from './fleet.ts';
import type { Stage } from './stage.ts';
import type { Trouble } from './trouble.ts';

/** How long the watcher has to press M before the run starts by itself. */
const START_AFTER_MS = 30_000;

type Needs = { readonly stage: Stage; readonly fleet: Fleet; readonly trouble: Trouble };

/** The demo in a terminal: the screen is the watcher's; behind it, the causes of failures are removed. */
export async function showTerminal({ stage, fleet, trouble }: Needs): Promise<void> {
  const left = new AbortController();
  const color = process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
  let tell: (text: string) => void = () => undefined;
  const behind = playBehind({ stage, fleet, trouble }, (text) => tell(text), left.signal);
  behind.catch(() => undefined);
  await runTui({
    address: stage.address,
    readonly: false,
    ascii: false,
    color,
    onReady: (announce) => {
      tell = announce;
      announce(`New migrations are out. Press M to migrate all ${cast.length} tenants.`);
    },
  });
  left.abort();
  await behind;
}

/** Starts the run if nobody does, and mends each failed tenant once the run is over. */
async function playBehind(
  { fleet, trouble }: Needs,
  tell: (text: string) => void,
  left: AbortSignal,
): Promise<void> {
  const started = () => left.aborted || fleet.run !== null;
  await Promise.race([fleet.until(started), aborted(left), after(START_AFTER_MS, left)]);
  if (!started()) {
    await fleet.client.request(startMigrationRun, { input: {} }).catch(() => undefined);
    tell('Nobody pressed M, so the run starts by itself.');
  }
  const over = () => fleet.run !== null && fleet.run.state !== 'running';
  await Promise.race([fleet.until(over), aborted(left)]);
  if (left.aborted) return;
  const failed = fleet.databases.filter(({ status }) => status === 'FAILED');
  for (const { tenantSlug } of failed) {
    const member = cast.find(({ slug }) => slug === tenantSlug);
    if (member !== undefined) await trouble.remove(member);
  }
  tell(`The causes of the ${failed.length} failures are removed. Press r on a FAILED row.`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function after(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
