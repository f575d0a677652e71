import { afterAll, beforeAll, expect } from 'vitest';
import { openShopFleet, type ShopFleet } from './support/shop-fleet.ts';
import { openSlowLine } from './support/slow-line.ts';
import { cursorOf, lastLine, openTui, rowsOf, statusOf, terminalTest } from './support/tui.ts';

let fleet: ShopFleet;

beforeAll(async () => {
  fleet = await openShopFleet({ shops: { acme: 'healthy', globex: 'duplicate' } });
  await fleet.migrateAll();
  await fleet.repair('globex');
});

afterAll(() => fleet[Symbol.asyncDispose]());

terminalTest('the key of whoever looks at an older state is refused, and says why', async () => {
  const { socket } = fleet.daemon;
  await using line = await openSlowLine(socket);
  await using first = await openTui({ socket });
  await using second = await openTui({ socket: line.socket });
  for (const terminal of [first, second]) {
    await terminal.until((seen) => {
      expect(rowsOf(seen)).toHaveLength(2);
      expect(cursorOf(seen)).toBe('globex');
    });
  }

  line.hold();
  await first.keys('r');
  await first.until((seen) => expect(statusOf(seen, 'globex')).toBe('ACTIVE'));
  const { revision } = await fleet.find('globex');
  expect(statusOf(await second.screen(), 'globex')).toBe('FAILED');
  await second.keys('r');
  await second.until((seen) =>
    expect(lastLine(seen, 36)).toMatch(/^Retry globex: error\[REVISION_CONFLICT\]: .*"globex"/),
  );
  expect(await fleet.find('globex')).toMatchObject({ status: 'ACTIVE', work: null, revision });

  line.release();
  await second.until((seen) => expect(statusOf(seen, 'globex')).toBe('ACTIVE'));
});
