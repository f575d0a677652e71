import { Problem } from '@tenantctl/core/domain/errors';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import {
  sampleDatabase,
  sampleFleet,
  sampleId,
  sampleNow,
  sampleSnapshot,
} from '../../../../test/support/sample-fleet.ts';
import { TerminalDesk } from '../../../../test/support/terminal-desk.ts';

type DeskOptions = ConstructorParameters<typeof TerminalDesk>[0];

function deskOf(options: DeskOptions = {}, daemon = {}): TerminalDesk {
  const desk = new TerminalDesk(options);
  desk.receive(sampleFleet(40, daemon));
  return desk;
}

const targets = (desk: TerminalDesk): (string | undefined)[] =>
  desk.sent.map(({ target }) => target?.slug);

describe('T0', () => {
  test('r retries the row under the cursor at once, with the revision that was shown', () => {
    const desk = deskOf();
    desk.press('j', 'r');
    expect(desk.sent).toEqual([
      { action: 'retry', target: { id: sampleId(1, 2), slug: 'globex-00817', revision: 7 } },
    ]);
  });

  test('jjr in one burst retries the row two below', () => {
    const desk = deskOf();
    desk.press('jjr');
    expect(targets(desk)).toEqual(['initech-01190']);
  });

  test('what does not fit the row is refused with a sentence, and nothing is sent', () => {
    const desk = deskOf();
    desk.press('u');
    expect(desk.toast).toBe('"acme-00042" is FAILED; only SUSPENDED databases are resumed');
    desk.press('j', 'j', 'j', 'm');
    expect(desk.toast).toBe('"hooli-03310" is being worked on: migrate');
    expect(desk.sent).toEqual([]);
  });

  test('p provisions a tenant without a database', () => {
    const desk = deskOf();
    desk.press('G', 'k', 'p');
    expect(desk.sent).toEqual([
      { action: 'provision', target: { id: sampleId(1, 8), slug: 'oscorp-20001', revision: 0 } },
    ]);
  });

  test('p elsewhere asks for the slug of a new tenant', () => {
    const desk = deskOf();
    desk.press('p', 'vandelay', '\r');
    expect(desk.sent).toEqual([{ action: 'create-tenant', slug: 'vandelay' }]);
  });

  test('a pasted slug with a line break is not sent before Enter is pressed', () => {
    const desk = deskOf();
    desk.press('p', '\u001b[200~vandelay\r\u001b[201~');
    expect(desk.sent).toEqual([]);
    desk.press('\r');
    expect(desk.sent).toEqual([{ action: 'create-tenant', slug: 'vandelay' }]);
  });
});

describe('T1', () => {
  test('y confirms once the question has stood for 300 ms', () => {
    const desk = deskOf();
    desk.press('s', 'y');
    expect(desk.sent).toEqual([]);
    desk.wait(300);
    desk.press('y');
    expect(targets(desk)).toEqual(['acme-00042']);
    expect(desk.ui.state.overlay).toBeNull();
  });

  test.each(['n', 'Y', '\r', 's', 'j', '\u001b'])('%j cancels', (key) => {
    const desk = deskOf();
    desk.press('s');
    desk.wait(400);
    desk.press(key);
    expect(desk.ui.state.overlay).toBeNull();
    desk.press('y');
    expect(desk.sent).toEqual([]);
  });

  test('a burst never confirms, and nothing of it reaches the table behind', () => {
    const desk = deskOf();
    desk.press('s');
    desk.wait(400);
    desk.press('yr');
    expect(desk.sent).toEqual([]);
    expect(desk.ui.state.overlay).toBeNull();
    desk.press('sy');
    desk.wait(400);
    expect(desk.ui.state.overlay?.kind).toBe('confirm');
  });

  test('a pasted y confirms nothing, marked or not', () => {
    const desk = deskOf();
    desk.press('s');
    desk.wait(400);
    desk.press('\u001b[200~y\u001b[201~');
    expect(desk.sent).toEqual([]);
    desk.press('y\ny\n');
    expect(desk.sent).toEqual([]);
  });

  test('acts on the row and revision of the key press, whatever has happened since', () => {
    const desk = deskOf();
    desk.press('s');
    const database = sampleDatabase(1, { tenantSlug: 'acme-00042', status: 'FAILED', revision: 8 });
    const change = { kind: 'tenant-database', change: 'edited', database } as const;
    desk.receive({ type: 'change', seq: 101, at: sampleNow, change });
    desk.wait(400);
    desk.press('y');
    expect(desk.sent[0]?.target).toMatchObject({ slug: 'acme-00042', revision: 7 });
  });

  test('up to ten marks are asked for in one line; what does not fit is left out', () => {
    const desk = deskOf();
    desk.press(' ', ' ', ' ', ' ', 'r');
    const { overlay } = desk.ui.state;
    expect(overlay?.kind === 'confirm' && overlay.confirm).toMatchObject({
      tier: 'T1',
      title: 'Retry 3 tenants (acme-00042 globex-00817 initech-01190)',
      facts: expect.arrayContaining(['1 left out: "hooli-03310" is being worked on: migrate']),
    });
    desk.wait(400);
    desk.press('y');
    expect(targets(desk)).toEqual(['acme-00042', 'globex-00817', 'initech-01190']);
    expect(desk.ui.state.marks.size).toBe(0);
  });
});

describe('T2', () => {
  test('more than ten rows want their count typed', async () => {
    const desk = deskOf();
    desk.press('5', '*', 'm');
    desk.wait(400);
    desk.press('3', '2', '\r');
    expect(desk.sent).toEqual([]);
    desk.press('\u007f', '1', '\r');
    await eventually(() => expect(desk.sent).toHaveLength(31));
  });

  test('a pasted word is no answer, nor is one that came with its Enter', async () => {
    const desk = deskOf();
    desk.press('5', '*', 'm');
    desk.wait(400);
    desk.press('\u001b[200~31\r\u001b[201~', '\r');
    expect(desk.sent).toEqual([]);
    desk.press('31\r');
    expect(desk.sent).toEqual([]);
    desk.press('\r');
    await eventually(() => expect(desk.sent).toHaveLength(31));
  });

  test('suspending two is asked for like suspending many', () => {
    const desk = deskOf();
    desk.press(' ', ' ', 's');
    const { overlay } = desk.ui.state;
    expect(overlay?.kind === 'confirm' && overlay.confirm.tier).toBe('T2');
  });

  test('rows that the view does not show are counted out loud', () => {
    const desk = deskOf();
    desk.press(' ', ' ', ' ', '/', 'acme', '\r', 's');
    const { overlay } = desk.ui.state;
    expect(overlay?.kind === 'confirm' && overlay.confirm.facts).toContain(
      '2 of them are hidden by this view',
    );
  });

  test('M shows what a run takes along and what it leaves out, and wants the count', () => {
    const desk = deskOf();
    desk.press('M');
    const { overlay } = desk.ui.state;
    expect(overlay?.kind === 'confirm' && overlay.confirm).toMatchObject({
      title: 'Migrate 31 ACTIVE databases to the newest version',
      word: '31',
    });
    expect(overlay?.kind === 'confirm' ? overlay.confirm.facts.join('\n') : '').toMatch(
      /31 {2}at 20251118010000_add_plan_id\n.*3 {2}FAILED, left out.*\n.*1 {2}SUSPENDED, left out/,
    );
    desk.wait(400);
    desk.press('3', '1', '\r');
    expect(desk.sent).toEqual([{ action: 'migrate-all' }]);
  });

  test('in a protected environment even a retry wants the name of the environment', () => {
    const desk = deskOf({}, { protected: true });
    desk.press('r');
    desk.wait(400);
    desk.press('y', '\r', '\u0015', 'prod-eu', '\r');
    expect(targets(desk)).toEqual(['acme-00042']);
  });
});

describe('the guard', () => {
  const work = ['r', 'm', 's', 'u', 'p', 'M'];

  test('with --readonly no key and no way through the help sends anything', () => {
    const desk = deskOf({ readonly: true });
    desk.press(...work, 'G', 'p', '?', 'retry', '\r');
    expect(desk.sent).toEqual([]);
    expect(desk.ui.state.overlay).toBeNull();
    expect(desk.toast).toContain('read-only');
  });

  test('a viewer looks and does not act', () => {
    const desk = deskOf({}, { role: 'viewer' });
    desk.press(...work);
    expect(desk.sent).toEqual([]);
    expect(desk.toast).toContain('viewer');
  });

  test('nothing is sent while the daemon does not answer, not even what was asked before', () => {
    const desk = deskOf();
    desk.press('s');
    desk.wait(400);
    desk.fleet.connected({ state: 'lost', since: new Date(desk.nowMs), error: desk.lost });
    desk.press('y', ...work);
    expect(desk.sent).toEqual([]);
    expect(desk.toast).toContain('DAEMON_UNREACHABLE');
  });

  test('a row that took the cursor by itself is not acted on for a moment', () => {
    const desk = deskOf();
    const database = sampleDatabase(1, { tenantSlug: 'acme-00042', revision: 9 });
    const change = { kind: 'tenant-database', change: 'deleted', database } as const;
    desk.receive({ type: 'change', seq: 101, at: sampleNow, change });
    expect(desk.under).toBe('globex-00817');
    desk.press('r');
    expect(desk.sent).toEqual([]);
    desk.wait(300);
    desk.press('r');
    expect(targets(desk)).toEqual(['globex-00817']);
  });

  test('a list that was not painted yet is not acted on', () => {
    const desk = deskOf();
    desk.burst('5r');
    expect(desk.sent).toEqual([]);
    expect(desk.toast).toContain('just changed');
  });

  test('a row that was sorted off the screen is not acted on', () => {
    const desk = deskOf({ columns: 80, rows: 16 });
    desk.press('>', 'g', 'r');
    expect(targets(desk)).toEqual(['acme-00042']);
    desk.wait(4000);
    const database = sampleDatabase(1, { tenantSlug: 'zz', status: 'FAILED', revision: 9 });
    const change = { kind: 'tenant-database', change: 'renamed', database } as const;
    desk.nowMs += 1500;
    desk.receive({ type: 'change', seq: 101, at: sampleNow, change });
    desk.press('r');
    expect(desk.sent).toHaveLength(1);
    expect(desk.toast).toContain('"zz" is not on the screen');
  });

  test('on a screen that is too small nothing can be meant', () => {
    const desk = deskOf({ columns: 40, rows: 10 });
    desk.press('r');
    expect(desk.sent).toEqual([]);
  });
});

describe('answers', () => {
  test('a refusal is shown with its code, its sentence and what to do', async () => {
    const answer = async (): Promise<string> => {
      throw new Problem('REVISION_CONFLICT', 'acme-00042');
    };
    const desk = deskOf({ answer });
    desk.press('r');
    await eventually(() =>
      expect(desk.toast).toBe(
        'Retry acme-00042: error[REVISION_CONFLICT]: Tenant database "acme-00042" has changed since you saw it. Look at it again, then repeat.',
      ),
    );
  });

  test('of many, refusals are counted and the first one is told', async () => {
    const desk = deskOf({
      answer: async ({ target }) => {
        if (target?.slug !== 'acme-00042') return 'queued';
        throw new Problem('OPERATION_IN_PROGRESS', 'acme-00042');
      },
    });
    desk.press(' ', ' ', ' ', 'r');
    desk.wait(400);
    desk.press('y');
    await eventually(() => expect(desk.toast).toContain('accepted for 2 tenants, 1 refused'));
    expect(desk.toast).toContain('OPERATION_IN_PROGRESS');
  });

  test('the end of the work is told even when its row has left the screen', () => {
    const desk = deskOf();
    desk.press('r', 'G');
    const database = sampleDatabase(1, { tenantSlug: 'acme-00042', revision: 9 });
    const change = { kind: 'tenant-database', change: 'migrated', database } as const;
    desk.receive({ type: 'change', seq: 101, at: sampleNow, change });
    expect(desk.toast).toBe('acme-00042: migrated, ACTIVE');
  });

  test('without a fleet there is nothing to act on, and p creates the first tenant', () => {
    const desk = new TerminalDesk();
    desk.receive(sampleSnapshot({ databases: [] }));
    desk.press('r', 'M', 'p', 'first', '\r');
    expect(desk.sent).toEqual([{ action: 'create-tenant', slug: 'first' }]);
  });
});
