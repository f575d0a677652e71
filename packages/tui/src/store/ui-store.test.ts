import { describe, expect, test } from 'vitest';
import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { TerminalDesk } from '../../../../test/support/terminal-desk.ts';
import {
  nullFailure,
  sampleDatabase,
  sampleFleet,
  sampleNow,
  sampleSnapshot,
} from '../../../../test/support/sample-fleet.ts';

let seq = 1000;

function receive(
  desk: TerminalDesk,
  database: TenantDatabaseViewModel,
  change: 'edited' | 'deleted' = 'edited',
): void {
  const kind = 'tenant-database' as const;
  seq += 1;
  desk.receive({ type: 'change', seq, at: sampleNow, change: { kind, change, database } });
}

const failing = (n: number): TenantDatabaseViewModel =>
  sampleDatabase(n, { status: 'FAILED', failure: nullFailure, revision: 8 });

function deskWith(count: number, rows = 24): TerminalDesk {
  const desk = new TerminalDesk({ columns: 80, rows });
  const databases = Array.from({ length: count }, (_, n) => sampleDatabase(n + 1));
  desk.receive(sampleSnapshot({ databases }));
  return desk;
}

const shown = (desk: TerminalDesk): (string | undefined)[] =>
  desk.ui.painted.visible.map(({ row }) => row.slug);

describe('the order', () => {
  test('holds still for three seconds after a key, and says how many rows have moved', () => {
    const desk = deskWith(10);
    desk.press('j');
    desk.nowMs += 1500;
    receive(desk, failing(9));
    expect(desk.ui.painted).toMatchObject({ hold: 'keys', moved: 1 });
    expect(shown(desk)[0]).toBe('tenant-00001');
    desk.wait(3500);
    expect(desk.ui.painted).toMatchObject({ hold: 'no', moved: 0 });
    expect(shown(desk)[0]).toBe('tenant-00009');
    expect(desk.under).toBe('tenant-00002');
  });

  test('holds still while rows are marked, until it is sorted by hand', () => {
    const desk = deskWith(10);
    desk.press(' ');
    desk.nowMs += 60_000;
    receive(desk, failing(9));
    expect(desk.ui.painted).toMatchObject({ hold: 'marks', moved: 1 });
    desk.press('.');
    expect(desk.ui.painted.moved).toBe(0);
    expect(shown(desk)[0]).toBe('tenant-00009');
  });

  test('holds still while a question is open and while the screen is held', () => {
    const desk = deskWith(10);
    desk.press('s');
    desk.wait(60_000);
    expect(desk.ui.painted.hold).toBe('question');
    desk.press('\u001b', 'z');
    desk.wait(60_000);
    expect(desk.ui.painted.hold).toBe('hand');
    desk.press('z');
    desk.wait(4000);
    expect(desk.ui.painted.hold).toBe('no');
  });

  test('what a row says is current although the order holds still', () => {
    const desk = deskWith(10);
    desk.press('j');
    receive(desk, failing(3));
    expect(desk.ui.painted.visible[2]?.row.lane).toBe('FAILED');
  });

  test('without keys it is sorted once a second, not with each change', () => {
    const desk = deskWith(10);
    desk.nowMs += 1500;
    receive(desk, failing(9));
    receive(desk, failing(8));
    expect(shown(desk).slice(0, 2)).toEqual(['tenant-00009', 'tenant-00001']);
    desk.wait(1000);
    expect(shown(desk).slice(0, 2)).toEqual(['tenant-00008', 'tenant-00009']);
  });
});

describe('the cursor', () => {
  test('keeps its row when others come above it', () => {
    const desk = deskWith(10);
    desk.press('j', 'j');
    desk.wait(4000);
    desk.nowMs += 1500;
    receive(desk, failing(9));
    expect(desk.under).toBe('tenant-00003');
    expect(desk.ui.painted.cursorLine).toBe(3);
  });

  test('goes to the neighbour when its row is deleted', () => {
    const desk = deskWith(10);
    desk.press('j', 'j');
    receive(desk, sampleDatabase(3, { revision: 9 }), 'deleted');
    expect(desk.under).toBe('tenant-00004');
  });

  test('stays with a row that is sorted away; the next move starts where it stood', () => {
    const desk = deskWith(100);
    receive(desk, failing(2));
    desk.wait(1500);
    desk.press('g');
    expect(desk.under).toBe('tenant-00002');
    desk.wait(4000);
    desk.nowMs += 1500;
    receive(desk, sampleDatabase(2, { tenantSlug: 'tenant-99999', revision: 9 }));
    expect(desk.ui.painted.focus?.row.slug).toBe('tenant-99999');
    expect(desk.under).toBeUndefined();
    desk.press('j');
    expect(desk.under).toBe('tenant-00001');
  });

  test('with f the screen goes along with the row', () => {
    const desk = deskWith(100);
    desk.press('j', 'f');
    desk.wait(4000);
    desk.nowMs += 1500;
    receive(desk, sampleDatabase(2, { tenantSlug: 'tenant-99999', revision: 9 }));
    expect(desk.under).toBe('tenant-99999');
  });

  test('survives a lost connection and the snapshot after it', () => {
    const desk = deskWith(50);
    desk.press('j', 'j', 'j');
    const databases = Array.from({ length: 50 }, (_, n) => sampleDatabase(n + 1));
    desk.receive(sampleSnapshot({ databases, seq: 7 }));
    expect(desk.under).toBe('tenant-00004');
  });

  test('is still seen after the terminal became smaller', () => {
    const desk = deskWith(100, 40);
    for (let n = 0; n < 30; n += 1) desk.press('j');
    desk.ui.resize({ columns: 80, rows: 16 });
    desk.paint();
    expect(desk.under).toBe('tenant-00031');
  });
});

describe('a tick', () => {
  test('makes no new picture when nothing on the screen tells the time', () => {
    const desk = deskWith(10);
    desk.wait(10_000);
    desk.receive({ type: 'bookmark', seq: 100, at: new Date(desk.nowMs) });
    const before = desk.ui.frame;
    desk.wait(1000);
    expect(desk.ui.frame).toBe(before);
  });

  test('counts up how old the picture is once the daemon is lost', () => {
    const desk = new TerminalDesk();
    desk.receive(sampleFleet(20));
    const since = new Date(desk.nowMs);
    desk.fleet.connected({ state: 'lost', since, error: desk.lost });
    desk.wait(12_000);
    expect(desk.ui.painted.freshness).toEqual({ live: false, text: 'stale 12s' });
  });
});
