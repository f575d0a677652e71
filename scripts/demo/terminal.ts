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
  const color = !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
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
      announce(
        `New migrations are out. M migrates all ${cast.length}; by itself that starts in ${START_AFTER_MS / 1000} s.`,
      );
    },
  });
  left.abort();
  await behind;
}

/** Starts the run if nobody does, mends each failed tenant once the run is over, and says what to do next. */
async function playBehind(
  { fleet, trouble }: Needs,
  tell: (text: string) => void,
  left: AbortSignal,
): Promise<void> {
  const either = (...waits: readonly Promise<void>[]) => Promise.race([...waits, aborted(left)]);
  const started = () => fleet.run !== null;
  await either(fleet.until(started), after(START_AFTER_MS, left));
  if (left.aborted) return;
  if (!started()) await fleet.client.request(startMigrationRun, { input: {} }).catch(() => null);
  tell('Some will fail, for real reasons. Enter on a FAILED row tells why.');
  await either(fleet.until(() => fleet.run !== null && fleet.run.state !== 'running'));
  if (left.aborted) return;
  const failed = fleet.databases.filter(({ status }) => status === 'FAILED');
  for (const { tenantSlug } of failed) {
    const member = cast.find(({ slug }) => slug === tenantSlug);
    if (member !== undefined) await trouble.remove(member);
  }
  tell(`The causes of the ${failed.length} failures are removed. Press r on a FAILED row.`);
  await either(fleet.until(() => fleet.count('ACTIVE') === cast.length));
  tell(`All ${cast.length} tenants are ACTIVE. q leaves, and nothing stays behind.`);
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
