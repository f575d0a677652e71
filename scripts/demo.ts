/**
 * A fleet of 48 tenants on a PostgreSQL of its own, migrated for real, with failures for real reasons. Opens the
 * terminal where there is one; prints the story otherwise. Everything is in one temporary directory.
 */
import { DEMO_START_VERSION } from '../prisma/tenant/seed/demo-versions.ts';
import { Fleet } from './demo/fleet.ts';
import { openShops } from './demo/open-shops.ts';
import { showPlain } from './demo/plain.ts';
import { say } from './demo/say.ts';
import { onStage } from './demo/stage.ts';
import { showTerminal } from './demo/terminal.ts';
import { Trouble } from './demo/trouble.ts';

const startedAt = performance.now();
const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

await onStage({ firstVersion: DEMO_START_VERSION }, async (stage) => {
  say(`PostgreSQL and tenantd are up (${seconds()}).`);
  await using fleet = new Fleet(stage);
  await openShops(stage, fleet);
  await using trouble = new Trouble(stage, fleet);
  await trouble.begin();
  const newest = stage.versions.at(-1) ?? DEMO_START_VERSION;
  await stage.release(newest);
  const news = stage.versions.length - stage.versions.indexOf(DEMO_START_VERSION) - 1;
  say(`${news} new migrations are released, up to ${newest} (${seconds()}).`);
  if (process.stdin.isTTY && process.stdout.isTTY) await showTerminal({ stage, fleet, trouble });
  else await showPlain(fleet, trouble);
});
say(`\nDone in ${seconds()}. Nothing is left running.`);
