import { listMigrationRuns } from '@tenantctl/core/wire/migration-run-operations';
import { afterAll, beforeAll, expect } from 'vitest';
import { openShopFleet, type ShopFleet } from './support/shop-fleet.ts';
import {
  cursorOf,
  lastLine,
  openTui,
  questionIsArmed,
  rowsOf,
  statusOf,
  terminalTest,
} from './support/tui.ts';

let fleet: ShopFleet;

const sick = ['bluth', 'globex', 'hooli', 'initrode', 'soylent'] as const;

beforeAll(async () => {
  fleet = await openShopFleet({
    shops: {
      acme: 'healthy',
      ...Object.fromEntries(sick.map((slug) => [slug, 'duplicate' as const])),
      zorg: 'healthy',
    },
  });
  await fleet.migrateAll();
  // Whichever of them is retried would succeed, and so would be noticed.
  for (const slug of sick) await fleet.repair(slug);
});

afterAll(() => fleet[Symbol.asyncDispose]());

/** A terminal as a shell over SSH has it, with the fleet on it and the cursor on the first row. */
async function openCalmTui() {
  const terminal = await openTui({ socket: fleet.daemon.socket, columns: 80, rows: 24 });
  await terminal.until((seen) => expect(cursorOf(seen)).toBe(rowsOf(seen)[0]?.slug));
  await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(7));
  return terminal;
}

terminalTest('jjjr in one go is three rows down and a retry of that row alone', async () => {
  await using terminal = await openCalmTui();
  const { initrode: before = 0, ...others } = await fleet.revisions();
  await terminal.burst('jjjr');
  await terminal.until((seen) => {
    expect(cursorOf(seen)).toBe('initrode');
    expect(statusOf(seen, 'initrode')).toBe('ACTIVE');
    expect(lastLine(seen, 24)).toBe('initrode: migrated, ACTIVE');
  });
  const { initrode: after = 0, ...same } = await fleet.revisions();
  expect(after).toBeGreaterThan(before);
  expect(same).toEqual(others);
});

terminalTest(
  'a pasted y confirms nothing, a y among other keys neither, a y alone does',
  async () => {
    await using terminal = await openCalmTui();
    const before = await fleet.revisions();
    const question = (seen: string) =>
      expect(lastLine(seen, 24)).toMatch(/^Suspend zorg\? +y confirm +any other key cancels/);
    await terminal.keys('G', 's');
    await terminal.until(question);
    await questionIsArmed();
    await terminal.paste('y');
    await terminal.until((seen) => expect(lastLine(seen, 24)).toMatch(/a paste/));
    await terminal.burst('yy');
    await terminal.until((seen) => expect(lastLine(seen, 24)).toBe('Cancelled, nothing was sent'));
    expect(await fleet.revisions()).toEqual(before);

    await terminal.burst('sy');
    await terminal.until(question);
    await questionIsArmed();
    expect(await fleet.revisions()).toEqual(before);
    await terminal.keys('y');
    await terminal.until((seen) => expect(statusOf(seen, 'zorg')).toBe('SUSPENDED'));
    const { zorg: after, ...same } = await fleet.revisions();
    const { zorg: then = 0, ...others } = before;
    expect(after).toBeGreaterThan(then);
    expect(same).toEqual(others);
  },
);

terminalTest('Enter held down on a question that wants a word typed starts nothing', async () => {
  await using terminal = await openCalmTui();
  const before = await fleet.revisions();
  const held = ['Enter', 'Enter', 'Enter', 'Enter', 'Enter', 'Enter', 'Enter', 'Enter'];
  await terminal.keys('M', ...held);
  await terminal.until((seen) => expect(seen).toMatch(/Type \d+ and Enter: ▏/));
  await questionIsArmed();
  await terminal.keys(...held);
  await terminal.until((seen) => expect(seen).toMatch(/that is not "\d+"/));
  const [, word = ''] = /Type (\d+) and Enter/.exec(await terminal.screen()) ?? [];
  await terminal.burst(`${word}\r`);
  await terminal.until((seen) => expect(seen).toContain('press Enter once more'));
  await terminal.keys('Escape');
  await terminal.until((seen) => expect(lastLine(seen, 24)).toBe('Cancelled, nothing was sent'));
  expect(await fleet.revisions()).toEqual(before);
  const runs = await fleet.daemon.client.request(listMigrationRuns, { limit: 5 });
  expect(runs).toHaveLength(1);
});
