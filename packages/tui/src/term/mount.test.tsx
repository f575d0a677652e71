import { expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { FakeTerminal } from '../../../../test/support/fake-terminal.ts';
import {
  sampleDatabase,
  sampleNow,
  sampleSnapshot,
} from '../../../../test/support/sample-fleet.ts';
import { FleetStore } from '../store/fleet-store.ts';
import { UiStore } from '../store/ui-store.ts';
import { createTheme } from '../theme/theme.ts';
import { mount } from './mount.tsx';

test('what is on the screen is what counts as seen', async () => {
  const fleet = new FleetStore();
  const nowMs = sampleNow.getTime();
  const ui = new UiStore({ fleet, now: () => nowMs, size: { columns: 80, rows: 24 } });
  const terminal = new FakeTerminal(80, 24);
  // The renderer asks for streams; it uses what a terminal has.
  const stdout = terminal as unknown as NodeJS.WriteStream;
  const stdin = process.stdin;
  const theme = createTheme({ color: false, ascii: false });
  const screen = mount({ ui, theme, readonly: false, stdin, stdout });
  const written = () => terminal.writes.join('');
  await eventually(() => expect(written()).toContain('no run yet'));
  expect(ui.painted).toBe(ui.frame);

  // Pictures that come at once, and pictures that wait for the one before.
  for (const [n, tenantSlug] of ['acme', 'bluth', 'hooli', 'wonka'].entries()) {
    fleet.apply(
      sampleSnapshot({ databases: [sampleDatabase(1, { tenantSlug, revision: 7 + n })] }),
      nowMs,
    );
    ui.flush();
    await eventually(() => expect(written()).toContain(tenantSlug));
    expect(ui.painted).toBe(ui.frame);
  }
  screen.unmount();
});
