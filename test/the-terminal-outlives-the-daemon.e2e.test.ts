import { afterAll, beforeAll, expect } from 'vitest';
import { openShopFleet, type ShopFleet } from './support/shop-fleet.ts';
import type { Terminal } from './support/tmux.ts';
import { cursorOf, lastLine, openTui, rowsOf, statusOf, terminalTest } from './support/tui.ts';

// oxlint-disable-next-line no-control-regex -- an escape is what it looks for
const COLOUR = /\u001b\[[0-9;]*3[1-6]/;

let fleet: ShopFleet;

beforeAll(async () => {
  fleet = await openShopFleet({
    shops: { acme: 'healthy', bluth: 'null-violation', duff: 'healthy', globex: 'duplicate' },
  });
  await fleet.migrateAll();
});

/** The rows of the fleet with their escapes, on a screen of 80 columns. */
const tableStyles = async (terminal: Terminal): Promise<string> =>
  (await terminal.styledScreen()).split('\n').slice(4, 8).join('\n');

afterAll(() => fleet[Symbol.asyncDispose]());

terminalTest(
  'a killed daemon leaves a grey screen without actions, the next one finds the cursor where it was',
  async () => {
    await using terminal = await openTui({ socket: fleet.daemon.socket, columns: 80, rows: 24 });
    await terminal.until((seen) => expect(rowsOf(seen)).toHaveLength(4));
    await terminal.keys('j');
    await terminal.until((seen) => expect(cursorOf(seen)).toBe('globex'));
    await fleet.repair('globex');
    const before = await fleet.revisions();
    expect(await tableStyles(terminal)).toMatch(COLOUR);

    await fleet.daemon.kill();
    await terminal.until((seen) => {
      expect(seen).toMatch(/^ shops │ ◌ stale \d+s │/);
      expect(seen).toContain('Actions are off, it is tried again by itself.');
    });
    expect(rowsOf(await terminal.screen())).toHaveLength(4);
    expect(await tableStyles(terminal)).not.toMatch(COLOUR);
    await terminal.keys('r');
    await terminal.until((seen) =>
      expect(lastLine(seen, 24)).toMatch(/^error\[DAEMON_UNREACHABLE\]: Nothing was sent, /),
    );

    await fleet.revive();
    await terminal.until((seen) => {
      expect(seen).toMatch(/^ shops │ ● live/);
      expect(seen).not.toContain('Actions are off');
      expect(cursorOf(seen)).toBe('globex');
    });
    expect(await fleet.revisions()).toEqual(before);
    await terminal.keys('r');
    await terminal.until((seen) => {
      expect(statusOf(seen, 'globex')).toBe('ACTIVE');
      expect(statusOf(seen, 'bluth')).toBe('FAILED');
    });
  },
);
