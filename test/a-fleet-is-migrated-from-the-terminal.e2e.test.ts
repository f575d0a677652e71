import { afterAll, beforeAll, expect } from 'vitest';
import { openShopFleet, type ShopFleet } from './support/shop-fleet.ts';
import type { Terminal } from './support/tmux.ts';
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

beforeAll(async () => {
  fleet = await openShopFleet({
    shops: {
      acme: 'healthy',
      bluth: 'null-violation',
      duff: 'healthy',
      flynn: 'healthy',
      globex: 'duplicate',
      hooli: 'healthy',
      umbrella: 'healthy',
      wonka: 'healthy',
    },
    environment: { TENANTD_LANES: '1', TENANTD_LOCK_TIMEOUT: '60s' },
  });
});

afterAll(() => fleet[Symbol.asyncDispose]());

async function startRunByHand(terminal: Terminal): Promise<void> {
  await terminal.keys('M');
  await terminal.until((seen) => {
    expect(seen).toContain('Migrate 8 ACTIVE databases to the newest version in shops?');
    expect(seen).toMatch(/8 {2}at 20250430120000_categories/);
    expect(seen).toContain('Type 8 and Enter');
  });
  await questionIsArmed();
  await terminal.keys('8');
  await terminal.until((seen) => expect(seen).toContain('Enter: 8'));
  await terminal.keys('Enter');
}

terminalTest('M and the typed count start a run; r mends the row it is on', async () => {
  await using terminal = await openTui({ socket: fleet.daemon.socket, columns: 120, rows: 36 });
  await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(8));
  await fleet.release();

  // Somebody still reads the orders of "umbrella", so that the run cannot be over before it was seen.
  await fleet.inDatabase('umbrella', async (reader) => {
    await reader.query('BEGIN; SELECT count(*) FROM orders');
    await startRunByHand(terminal);
    await terminal.until((seen) => {
      expect(seen).toMatch(/RUN #1 →1117 +█+[▏▎▍▌▋▊▉]?░+ +6\/8 +75% .*✗ 2 \(2 kinds\)/);
      expect(rowsOf(seen).slice(0, 3)).toMatchObject([
        { slug: 'bluth', status: 'FAILED' },
        { slug: 'globex', status: 'FAILED' },
        { slug: 'umbrella', status: 'MIGRATING', rest: expect.stringMatching(/1\/7 order_upd/) },
      ]);
    });
    await terminal.resize(80, 24);
    await terminal.until((seen) => expect(seen).toMatch(/RUN #1 →1117 .*75% .*✗ 2 \(2 kinds\)/));
  });
  await terminal.until((seen) => {
    expect(seen).toMatch(/RUN #1 →1117 +completed · 8 databases in .*✗ 2 \(2 kinds\)/);
    expect(seen).toMatch(/0 all 8 +1 ✗2 +2 ↻0 +3 ◐0 +4 ■0 +5 ●6/);
  });

  await fleet.repair('globex');
  const { globex: before = 0, ...others } = await fleet.revisions();
  await terminal.keys('g', 'j');
  await terminal.until((seen) => expect(cursorOf(seen)).toBe('globex'));
  await terminal.keys('r');
  await terminal.until((seen) => {
    expect(lastLine(seen, 24)).toBe('globex: migrated, ACTIVE');
    expect(statusOf(seen, 'globex')).toBe('ACTIVE');
    expect(statusOf(seen, 'bluth')).toBe('FAILED');
  });
  const { status, schemaVersion } = await fleet.find('globex');
  expect({ status, schemaVersion }).toEqual({ status: 'ACTIVE', schemaVersion: fleet.newest });
  const { globex: after = 0, ...same } = await fleet.revisions();
  expect(after).toBeGreaterThan(before);
  expect(same).toEqual(others);
});
