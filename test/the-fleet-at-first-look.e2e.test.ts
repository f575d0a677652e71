import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openShopFleet, type ShopFleet } from './support/shop-fleet.ts';
import { cursorOf, openTui, rowsOf, terminalTest } from './support/tui.ts';

let fleet: ShopFleet;

beforeAll(async () => {
  fleet = await openShopFleet({
    shops: {
      acme: 'healthy',
      bluth: 'null-violation',
      duff: 'healthy',
      globex: 'duplicate',
      hooli: 'healthy',
      wonka: 'healthy',
    },
  });
  await fleet.migrateAll();
});

afterAll(() => fleet[Symbol.asyncDispose]());

const failedFirst = ['bluth', 'globex', 'acme', 'duff', 'hooli', 'wonka'];
const sizes = [
  { columns: 120, rows: 36, counts: /0 all 6 .*1 ✗ FAILED 2 .*2 ↻ MIGRATING 0 .*5 ● ACTIVE 4/ },
  { columns: 80, rows: 24, counts: /0 all 6 .*1 ✗2 .*2 ↻0 .*5 ●4/ },
];

describe.each(sizes)('at $columns by $rows', ({ columns, rows, counts }) => {
  terminalTest('the fleet stands there with its counts, what failed on top and why', async () => {
    await using terminal = await openTui({ socket: fleet.daemon.socket, columns, rows });
    const screen = await terminal.until((seen) => {
      expect(seen).toMatch(counts);
      expect(rowsOf(seen)).toHaveLength(6);
      return seen;
    });
    expect(screen).toMatch(/shops │ ● live/);
    expect(screen).toMatch(/RUN #1 →1117 +completed · 6 databases in .* · ✗ 2 \(2 kinds\)/);
    const shown = rowsOf(screen);
    expect(shown.map(({ slug }) => slug)).toEqual(failedFirst);
    expect(shown[0]).toMatchObject({ underCursor: true, status: 'FAILED' });
    expect(shown[0]?.rest).toMatch(/^0707→0811 .*23502 column "plac/);
    expect(shown[1]?.rest).toMatch(/^0602→0707 .*23505 could not/);
    expect(shown[2]).toMatchObject({ status: 'ACTIVE', rest: expect.stringMatching(/^1117 /) });
  });
});

terminalTest(
  'the cause in full stands beside the table, or one key away where there is no room',
  async () => {
    await using terminal = await openTui({ socket: fleet.daemon.socket, columns: 120, rows: 36 });
    const cause = (seen: string) => {
      expect(seen).toContain('ERROR  SQLSTATE 23502 · MIGRATION_FAILED');
      expect(seen).toMatch(/migration +20250811083000_require_order_/);
      expect(seen).toContain('ALTER TABLE "orders"');
      expect(seen).toContain('"placed_at" SET NOT NULL');
    };
    await terminal.until(cause);
    await terminal.resize(80, 24);
    await terminal.until((seen) => expect(seen).not.toContain('SQLSTATE'));
    await terminal.keys('Enter');
    await terminal.until(cause);
    await terminal.keys('Escape');
    await terminal.until((seen) => expect(cursorOf(seen)).toBe('bluth'));
  },
);

terminalTest('help lists every key with what it does, and does what is chosen there', async () => {
  await using terminal = await openTui({ socket: fleet.daemon.socket, columns: 120, rows: 50 });
  await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(6));
  await terminal.keys('?');
  await terminal.until((seen) => {
    expect(seen).toMatch(/HELP +for bluth/);
    expect(seen).toMatch(/▸ r +Retry what failed.*tenantctl retry bluth/);
    expect(seen).toMatch(/M +Migrate the fleet.*tenantctl migrate --all/);
    expect(seen).toMatch(/spc +Mark this row/);
    expect(seen).toMatch(/q \^C +Quit/);
  });
  await terminal.burst('only active');
  await terminal.until((seen) => expect(seen).toMatch(/▸ 5 +Only ACTIVE/));
  await terminal.keys('Enter');
  await terminal.until((seen) => {
    expect(seen).toContain('only ACTIVE');
    expect(rowsOf(seen).map(({ slug }) => slug)).toEqual(['acme', 'duff', 'hooli', 'wonka']);
  });
});

terminalTest('a terminal that grows narrow and wide again keeps every line whole', async () => {
  await using terminal = await openTui({ socket: fleet.daemon.socket, columns: 120, rows: 36 });
  await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(6));
  await terminal.keys('j');
  for (const columns of [80, 60, 120, 60, 100]) {
    await terminal.resize(columns, 24);
    await terminal.until((seen) => {
      const lines = seen.split('\n');
      expect(lines).toHaveLength(23);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
      expect(lines[0]).toMatch(columns < 110 ? /^ shops │ ● live/ : /^ tenantctl {2}shops │/);
      expect(lines[1]).toMatch(/^ 0 all 6 /);
      expect(lines[2]).toMatch(/^ RUN #1/);
      expect(rowsOf(seen).map(({ slug }) => slug)).toEqual(failedFirst);
      expect(cursorOf(seen)).toBe('globex');
      expect(lines.at(-1)).toMatch(/^ r retry .*\? help$/);
    });
  }
  await terminal.resize(50, 10);
  await terminal.until((seen) => expect(seen).toContain('terminal too small: 50x10'));
  await terminal.resize(80, 24);
  await terminal.until((seen) => expect(cursorOf(seen)).toBe('globex'));
});
