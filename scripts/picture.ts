/**
 * Draws docs/fleet.svg, the README's picture, from a real session: the demo's fleet on a real terminal, with
 * most of the run done and some of it failed. Needs tmux.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { nameOfAddress } from '@tenantctl/core/client/daemon-address';
import { DEMO_START_VERSION } from '../prisma/tenant/seed/demo-versions.ts';
import { eventually } from '../test/support/eventually.ts';
import { openTerminal } from '../test/support/tmux.ts';
import { Fleet } from './demo/fleet.ts';
import { openShops } from './demo/open-shops.ts';
import { say } from './demo/say.ts';
import { onStage, type Stage } from './demo/stage.ts';
import { drawTerminal } from './picture/draw-terminal.ts';

const root = path.resolve(import.meta.dirname, '..');
const columns = 120;
const rows = 36;

/** The statuses in the table, from the top. */
const statusesOf = (screen: string): readonly string[] =>
  screen
    .split('\n')
    .flatMap((line) => /^│.{2} [✗↻●] (FAILED|MIGRATING|ACTIVE) /.exec(line)?.[1] ?? []);

/** Most of the run is done; its failures are on top, and below them is what is migrated right now. */
function isTheMoment(screen: string): boolean {
  const statuses = statusesOf(screen);
  const failed = statuses.findIndex((status) => status !== 'FAILED');
  const moving = statuses.lastIndexOf('MIGRATING') + 1 - failed;
  return (
    /RUN #1 .* [67]\d% /.test(screen) &&
    screen.includes('ERROR  SQLSTATE') &&
    /MIGRATING .* \d\/\d /.test(screen) &&
    !statuses.slice(failed).includes('FAILED') &&
    failed >= 4 &&
    moving === 2
  );
}

/** What a tenant's application does that reads its orders and forgets to end its transaction. */
async function readAndForget(stage: Stage, fleet: Fleet, slug: string): Promise<AsyncDisposable> {
  const reader = await stage.open(fleet.find(slug).databaseName);
  await reader.query('BEGIN; SELECT count(*) FROM orders');
  return { [Symbol.asyncDispose]: () => reader.end() };
}

const settings = { TENANTD_LOCK_TIMEOUT: '60s' };
await onStage({ firstVersion: DEMO_START_VERSION, settings }, async (stage) => {
  await using fleet = new Fleet(stage);
  await openShops(stage, fleet);
  // Both lanes come to a halt where most of the run is done, and can be looked at.
  await using readers = new AsyncDisposableStack();
  for (const slug of ['spectre', 'stark']) readers.use(await readAndForget(stage, fleet, slug));
  await stage.release(stage.versions.at(-1) ?? DEMO_START_VERSION);
  await fleet.client.request(startMigrationRun, { input: {} });
  // Opened when something has failed, the terminal has its cursor there.
  await fleet.until(() => fleet.count('FAILED') >= 2);
  const main = path.join(root, 'packages/tui/dist/main.js');
  const command = [process.execPath, main, '--daemon', nameOfAddress(stage.address)] as const;
  await using terminal = await openTerminal({ command, columns, rows });
  const moment = async () => {
    const captured = await terminal.styledScreen();
    assert(isTheMoment(stripVTControlCharacters(captured)), 'the run was never in its middle');
    return captured;
  };
  const captured = await eventually(moment, { timeoutMs: 50_000 });
  const description = 'tenantctl while it migrates 48 tenants, some of which failed';
  const svg = drawTerminal({ captured, columns, description });
  await writeFile(path.join(root, 'docs/fleet.svg'), svg);
  say('docs/fleet.svg is drawn.');
});
