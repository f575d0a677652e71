import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import {
  nullFailure,
  sampleDatabase,
  sampleFleet,
  sampleId,
  sampleNow,
  sampleSnapshot,
} from '../../../../test/support/sample-fleet.ts';
import { TerminalDesk } from '../../../../test/support/terminal-desk.ts';

const deskOf = (): TerminalDesk => {
  const desk = new TerminalDesk();
  desk.receive(sampleFleet(60));
  return desk;
};

describe('scopes', () => {
  test('in a field every key is text, and Esc brings back what was there', () => {
    const desk = deskOf();
    desk.press('/', 'rms');
    expect(desk.ui.state.filter.text).toBe('rms');
    expect(desk.sent).toEqual([]);
    desk.press('\u001b');
    expect(desk.ui.state).toMatchObject({ overlay: null, filter: { text: '' } });
  });

  test('a filter works while it is typed; one that is not understood changes nothing', () => {
    const desk = deskOf();
    desk.press('/', 'status:failed');
    expect(desk.ui.painted.order).toHaveLength(3);
    desk.press('\u001b[200~ nosuch:x\u001b[201~');
    expect(desk.ui.painted.order).toHaveLength(3);
    const { overlay } = desk.ui.state;
    expect(overlay?.kind === 'field' && overlay.complaint).toContain('nosuch');
    desk.press('\r');
    expect(desk.ui.state.overlay?.kind).toBe('field');
  });

  test('a paste is text in a field and nothing elsewhere', () => {
    const desk = deskOf();
    desk.press('\u001b[200~rrrq\u001b[201~');
    expect(desk.sent).toEqual([]);
    expect(desk.hasQuit).toBe(false);
    desk.press('/', '\u001b[200~acme\u001b[201~', '\r');
    expect(desk.ui.state.filter.text).toBe('acme');
  });

  test('Esc goes back one step at a time: marks, filter, lane', () => {
    const desk = deskOf();
    desk.press('1', '/', 'acme', '\r', ' ');
    desk.press('\u001b');
    expect(desk.ui.state.marks.size).toBe(0);
    desk.press('\u001b');
    expect(desk.ui.state).toMatchObject({ filter: { text: '' }, lane: 'FAILED' });
    desk.press('\u001b');
    expect(desk.ui.state.lane).toBe('all');
  });

  test('Ctrl-c quits from anywhere and is never an action', () => {
    for (const before of [[], ['s'], ['/'], ['?'], ['y'], ['\r']]) {
      const desk = deskOf();
      desk.press(...before, '\u0003');
      expect(desk.hasQuit).toBe(true);
      expect(desk.sent).toEqual([]);
    }
  });

  test('q leaves the details first and quits from the fleet', () => {
    const desk = deskOf();
    desk.press('\r', 'q');
    expect(desk.ui.state.screen).toBe('fleet');
    expect(desk.hasQuit).toBe(false);
    desk.press('q');
    expect(desk.hasQuit).toBe(true);
  });

  test('the help finds an action by a word and does it', () => {
    const desk = deskOf();
    desk.press('?', 'what failed', '\r');
    expect(desk.sent).toMatchObject([{ action: 'retry', target: { slug: 'acme-00042' } }]);
    expect(desk.ui.state.screen).toBe('fleet');
  });

  test('y copies name, error, version or command of the row under the cursor', () => {
    const desk = deskOf();
    desk.press('y', 'n', 'y', 'v', 'y', 'c', 'y', 'e');
    expect(desk.copied.slice(0, 3)).toEqual([
      'acme-00042',
      '20251104031500_add_accounts',
      'tenantctl retry acme-00042',
    ]);
    expect(desk.copied[3]).toContain('23502 MIGRATION_FAILED column "plan_id"');
    expect(desk.copied[3]).toContain('ALTER COLUMN "plan_id" SET NOT NULL');
  });

  test('in the details the work is for the tenant that is shown, whatever is marked', () => {
    const desk = deskOf();
    desk.press(' ', ' ', '\r', 'r');
    expect(desk.sent).toMatchObject([{ action: 'retry', target: { slug: 'initech-01190' } }]);
  });

  test('lanes, sorting and marks answer to their keys', () => {
    const desk = deskOf();
    desk.press('6');
    expect(desk.ui.painted.visible.map(({ row }) => row.slug)).toEqual([
      'oscorp-20001',
      'zorg-20002',
    ]);
    desk.press('*');
    expect(desk.ui.state.marks).toEqual(new Set([sampleId(1, 8), sampleId(1, 9)]));
    desk.press('\u001b', '0', '>', 'I', 'g');
    expect(desk.ui.painted.visible[0]?.row.slug).toBe('zorg-20002');
    desk.press('\u0012', '\u000c');
    expect(desk).toMatchObject({ resyncs: 1, redraws: 1 });
  });
});

const COUNT = 30;
const tenant = fc.integer({ min: 1, max: COUNT });
const status = fc.constantFrom('ACTIVE', 'FAILED', 'SUSPENDED', 'MIGRATING' as const);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), n: tenant, status }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), n: tenant }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('paint' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(5000) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      key: fc.constantFrom('j', 'k', 'g', 'G', '1', '5', '0', '.', 'f', 'z', '<', 'I'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('retry' as const) }) },
);

test('whatever comes when, r goes to the row under the cursor of the picture, as it was shown there', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 80 }), (steps) => {
      const desk = new TerminalDesk({ columns: 80, rows: 15 });
      const revisions = new Map<number, number>();
      let seq = 100;
      const database = (n: number, to: TenantDatabaseViewModel['status']) => {
        const revision = (revisions.get(n) ?? 0) + 1;
        revisions.set(n, revision);
        const failure = to === 'FAILED' ? nullFailure : null;
        return sampleDatabase(n, { status: to, failure, revision });
      };
      const databases = Array.from({ length: COUNT }, (_, n) =>
        database(n + 1, n % 3 === 0 ? 'ACTIVE' : 'FAILED'),
      );
      desk.receive(sampleSnapshot({ databases }));
      const apply = (
        n: number,
        to: TenantDatabaseViewModel['status'],
        change: 'edited' | 'deleted',
      ) => {
        seq += 1;
        desk.fleet.apply(
          {
            type: 'change',
            seq,
            at: sampleNow,
            change: { kind: 'tenant-database', change, database: database(n, to) },
          },
          desk.nowMs,
        );
      };
      for (const event of steps) {
        if (event.do === 'change') apply(event.n, event.status, 'edited');
        else if (event.do === 'delete') apply(event.n, 'ACTIVE', 'deleted');
        else if (event.do === 'flush') desk.ui.flush();
        else if (event.do === 'paint') desk.paint();
        else if (event.do === 'wait') desk.wait(event.ms);
        else if (event.do === 'move') desk.press(event.key);
        else {
          const { painted } = desk.ui;
          const seen = painted.visible[painted.cursorLine]?.row;
          desk.sent.length = 0;
          desk.burst('r');
          for (const { target } of desk.sent) {
            expect(target).toEqual({
              id: seen?.id,
              slug: seen?.slug,
              revision: seen?.database?.revision,
            });
            expect(seen?.lane).toBe('FAILED');
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});
