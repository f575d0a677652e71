import { stripVTControlCharacters } from 'node:util';
import { type Instance, render } from 'ink';
import { render as renderAt100 } from 'ink-testing-library';
import stringWidth from 'string-width';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { FakeTerminal } from '../../../test/support/fake-terminal.ts';
import {
  sampleDatabase,
  sampleFleet,
  sampleProgress,
  sampleSnapshot,
} from '../../../test/support/sample-fleet.ts';
import { TerminalDesk } from '../../../test/support/terminal-desk.ts';
import { App } from './app.tsx';
import { createTheme, type ThemeChoice } from './theme/theme.ts';

const plain: ThemeChoice = { color: false, ascii: false };
const opened: Instance[] = [];

afterEach(() => {
  for (const instance of opened.splice(0)) instance.unmount();
});

type Shown = {
  readonly desk: TerminalDesk;
  readonly lines: () => string[];
  readonly raw: () => string;
};

/** The whole screen on a terminal of some size. */
function show(
  columns: number,
  rows: number,
  { choice = plain, desk = new TerminalDesk({ columns, rows }), readonly = false } = {},
): Shown {
  const terminal = new FakeTerminal(columns, rows);
  const instance = render(<App ui={desk.ui} theme={createTheme(choice)} readonly={readonly} />, {
    // The renderer asks for a stream; it uses what a terminal's output has.
    stdout: terminal as unknown as NodeJS.WriteStream,
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  opened.push(instance);
  const raw = (): string => terminal.frame;
  return { desk, raw, lines: () => stripVTControlCharacters(raw()).split('\n') };
}

function showFleet(columns: number, rows: number, options: Parameters<typeof show>[2] = {}): Shown {
  const shown = show(columns, rows, options);
  shown.desk.receive(sampleFleet(300), sampleProgress());
  return shown;
}

const sizes = [
  [60, 15],
  [80, 24],
  [109, 30],
  [110, 30],
  [120, 36],
  [200, 60],
] as const;

describe('on a terminal of', () => {
  test.each(sizes)('%ix%i every line fits and the screen is full', async (columns, rows) => {
    const { lines } = showFleet(columns, rows);
    await eventually(() => expect(lines().join('\n')).toContain('acme-00042'));
    expect(lines()).toHaveLength(rows);
    for (const line of lines()) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
  });

  test.each(sizes)('%ix%i the details, the help and a question fit too', async (columns, rows) => {
    const { desk, lines } = showFleet(columns, rows);
    for (const [keys, seen] of [
      ['\r', 'SQLSTATE 23502'],
      ['\u001b', 'TENANT'],
      ['?', 'Retry what failed'],
      ['\u001b', 'TENANT'],
      ['M', 'Type 291 and Enter'],
    ] as const) {
      desk.press(keys);
      await eventually(() => expect(lines().join('\n')).toContain(seen));
      expect(lines()).toHaveLength(rows);
      for (const line of lines()) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  test('59x15 says in one line that it is too small', async () => {
    const { lines } = showFleet(59, 15);
    await eventually(() => expect(lines()[0]).toContain('terminal too small: 59x15'));
  });

  test('any size, names and errors of any characters keep the columns where they are', async () => {
    const { desk, lines } = show(80, 24);
    const failure = {
      code: 'X',
      message: 'ошибка\n\u001b[31m古古古古古古古古古古古古古古古古古古\ttab',
    };
    desk.receive(
      sampleSnapshot({
        databases: [
          sampleDatabase(1, { status: 'FAILED', failure, tenantSlug: 'a'.repeat(48) }),
          sampleDatabase(2, { status: 'FAILED', failure, tenantSlug: '👩‍🚀-古' }),
        ],
      }),
    );
    await eventually(() => expect(lines()[4]).toContain('aaa'));
    for (const line of [lines()[4], lines()[5]]) {
      expect(line).toMatch(/^.{3}✗ FAILED/u);
      expect(stringWidth(line ?? '')).toBeLessThanOrEqual(80);
    }
  });
});

describe('the fleet', () => {
  test('shows the error of FAILED rows without opening anything, and the step of others', async () => {
    const { lines } = showFleet(80, 24);
    await eventually(() =>
      expect(lines()[4]).toMatch(/✗ FAILED +acme-00042 +1104→1118 +2m +23502 column/),
    );
    expect(lines()[7]).toMatch(/↻ MIGRATING +hooli-03310 +1104→1118 +9s +waits: lock of ord/);
    expect(lines()[8]).toMatch(/↻ MIGRATING +umbrella-02201 +1104→1118 +12s +2\/3 add_plan_id/);
    expect(lines()[9]).toMatch(/◐ PROVISION +stark-10007 +— +4s +queued provision/);
  });

  test('shows the run with its pace', async () => {
    const { lines } = showFleet(120, 36);
    await eventually(() =>
      expect(lines()[2]).toMatch(
        /RUN #318 →1118 {2}█+▏░+ {2}6 842\/10 214 {2}66% {3}41\/s {2}ETA 1m10s-1m40s {2}✗ 37 \(2 kinds\)/,
      ),
    );
  });

  test('shows only the rows that fit, and all of the details in the pane', async () => {
    const { lines } = showFleet(120, 36);
    await eventually(() => expect(lines().join('\n')).toContain('SQLSTATE 23502'));
    const text = lines().join('\n');
    expect(text).toContain('ALTER COLUMN "plan_id" SET NOT NULL');
    expect(text).toContain('1 other tenant fails for the same cause');
    expect(text).toContain('tenant-00029');
    expect(text).not.toContain('tenant-00030');
  });

  test('in ASCII nothing else is written', async () => {
    const { lines } = showFleet(120, 36, { choice: { color: false, ascii: true } });
    await eventually(() => expect(lines().join('\n')).toContain('acme-00042'));
    expect(lines().join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('without colour the cursor is a glyph and an inverse row', async () => {
    const { raw } = showFleet(80, 24);
    await eventually(() => expect(raw()).toContain('\u001b[7m▸'));
    // oxlint-disable-next-line no-control-regex
    expect(raw()).not.toMatch(/\u001b\[(?:3[0-7]|4[0-7]|9[0-7])m/);
  });

  test('a protected environment is red from edge to edge and says so', async () => {
    const desk = new TerminalDesk({ columns: 80, rows: 24 });
    const { raw } = show(80, 24, { desk, choice: { color: true, ascii: false } });
    desk.receive(sampleFleet(20, { protected: true }));
    await eventually(() => expect(raw()).toContain('PROTECTED'));
    const header = raw().split('\n')[0] ?? '';
    expect(header).toContain('[97m\u001b[41m');
    expect(stripVTControlCharacters(header)).toHaveLength(80);
  });

  test('read-only says RO and hides the keys that would act', async () => {
    const { lines } = showFleet(120, 36, { readonly: true });
    await eventually(() => expect(lines()[0]).toMatch(/RO$/));
    expect(lines().join('\n')).not.toContain('r retry');
  });

  test('a lost daemon is told at once: stale, grey, no actions, the cursor where it was', async () => {
    const { desk, lines, raw } = showFleet(80, 24);
    desk.press('j', 'j');
    desk.fleet.connected({ state: 'lost', since: new Date(desk.nowMs), error: desk.lost });
    desk.nowMs += 12_000;
    desk.ui.flush();
    await eventually(() => expect(lines()[0]).toContain('◌ stale 12s'));
    expect(lines()[6]).toMatch(/^▸ +✗ FAILED +initech-01190/);
    expect(lines().join('\n')).toContain('Actions are off');
    expect(raw().split('\n')[4]).toContain('\u001b[2m');
    desk.fleet.connected({ state: 'live', since: new Date(desk.nowMs) });
    desk.receive(sampleProgress());
    await eventually(() => expect(lines()[0]).toContain('● live'));
    expect(desk.under).toBe('initech-01190');
  });

  test('says what is missing when there is nothing to show', async () => {
    const { desk, lines } = show(80, 24);
    await eventually(() => expect(lines().join('\n')).toContain('Waiting for the daemon'));
    desk.receive(sampleSnapshot({ databases: [] }));
    await eventually(() => expect(lines().join('\n')).toContain('p creates the first one'));
    desk.receive(sampleSnapshot({ databases: [sampleDatabase(1)], seq: 101 }));
    desk.press('1');
    await eventually(() => expect(lines().join('\n')).toContain('Esc widens it'));
  });
});

test('at 100 columns, on the usual test terminal, a question stands below the table', async () => {
  const desk = new TerminalDesk({ columns: 100, rows: 24 });
  const { lastFrame, unmount } = renderAt100(
    <App ui={desk.ui} theme={createTheme(plain)} readonly={false} />,
  );
  desk.receive(sampleFleet(50));
  desk.press('s');
  await eventually(() =>
    expect(stripVTControlCharacters(lastFrame()?.split('\n').at(-1) ?? '')).toBe(
      ' Suspend acme-00042?   y confirm   any other key cancels',
    ),
  );
  desk.wait(400);
  desk.press('y');
  await eventually(() => expect(lastFrame()?.split('\n').at(-1)).toContain('accepted'));
  unmount();
});

test('the renderer keeps up when the terminal changes its size', async () => {
  const desk = new TerminalDesk({ columns: 120, rows: 36 });
  const terminal = new FakeTerminal(120, 36);
  // As in the program: before the renderer's own listener.
  terminal.on('resize', () => desk.ui.resize({ columns: terminal.columns, rows: terminal.rows }));
  const instance = render(<App ui={desk.ui} theme={createTheme(plain)} readonly={false} />, {
    stdout: terminal as unknown as NodeJS.WriteStream,
    debug: true,
    interactive: true,
    patchConsole: false,
  });
  opened.push(instance);
  desk.receive(sampleFleet(300));
  for (const [columns, rows] of [...sizes, ...sizes.toReversed()]) {
    terminal.resize(columns, rows);
    const lines = (): string[] => stripVTControlCharacters(terminal.frame).split('\n');
    await eventually(() => expect(lines()).toHaveLength(rows));
    for (const line of lines()) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
  }
});
