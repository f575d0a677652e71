import { stripVTControlCharacters } from 'node:util';
import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import type { Frame } from '../store/frame.ts';
import { countOf, countText, spanText, waitText } from '../theme/amounts.ts';
import { clean } from '../theme/cells.ts';
import type { Style, Theme } from '../theme/theme.ts';

/** So long the end of a run is shown in colour. */
const NEWS_MS = 600_000;

/** Of all items of a run, how many have ended. */
export function progressOf({ counts }: MigrationRunViewModel): {
  done: number;
  total: number;
} {
  const done = counts.done + counts.unchanged + counts.failed + counts.skipped;
  return { done, total: done + counts.pending + counts.running };
}

/** A bar of `width` cells, exact to an eighth of a cell. */
export function barOf(part: number, width: number, { bar }: Theme['glyphs']): string {
  const [empty = ' '] = bar;
  const full = bar.at(-1) ?? '#';
  const steps = bar.length - 1;
  const filled = Math.round(Math.max(0, Math.min(part, 1)) * width * steps);
  const whole = Math.floor(filled / steps);
  const rest = filled % steps;
  const tip = rest === 0 ? '' : (bar[rest] ?? '');
  return full.repeat(whole) + tip + empty.repeat(Math.max(0, width - whole - (tip === '' ? 0 : 1)));
}

const words: Readonly<Record<MigrationRunViewModel['state'], { text: string; style: Style }>> = {
  running: { text: 'running', style: 'yellow' },
  paused: { text: 'paused', style: 'yellow' },
  completed: { text: 'completed', style: 'green' },
  'completed-with-failures': { text: 'completed', style: 'red' },
  stopped: { text: 'stopped itself', style: 'red' },
  aborted: { text: 'aborted', style: 'red' },
};

/** The run that is going on, or how the last one ended. Its line is always there, so nothing slides. */
export function runLine(frame: Frame, theme: Theme): string {
  const { run } = frame.fleet;
  const { paint } = theme;
  if (run === null) return paint(' no run yet', 'dim');
  return run.endedAt === null ? going(run, frame, theme) : ended(run, run.endedAt, frame, theme);
}

const nameOf = (run: MigrationRunViewModel, { label }: Frame, { glyphs }: Theme): string =>
  `RUN #${run.number} ${glyphs.arrow}${clean(label(run.targetVersion))}`;

function failuresOf(run: MigrationRunViewModel, { glyphs, paint }: Theme): string {
  const { failed } = run.counts;
  if (failed === 0) return '';
  const kinds = run.causes.length > 1 ? ` (${countOf(run.causes.length, 'kind')})` : '';
  return paint(`${glyphs.failed} ${countText(failed)}${kinds}`, 'red', 'bold');
}

function going(run: MigrationRunViewModel, frame: Frame, theme: Theme): string {
  const { paint, glyphs } = theme;
  const { done, total } = progressOf(run);
  const { pace } = frame.fleet;
  const part = total === 0 ? 0 : done / total;
  const width = frame.layout.kind === 'wide' ? 24 : 12;
  const wide = frame.layout.kind === 'wide';
  const amount = `${countText(done).padStart(countText(total).length)}/${countText(total)}`;
  const rate = pace === null ? '' : `${rateText(pace.ratePerSecond)}/s`.padStart(5);
  const facts = [
    paint(barOf(part, width, glyphs), run.state === 'paused' ? 'yellow' : 'cyan'),
    [wide ? amount : '', `${String(Math.floor(part * 100)).padStart(3)}%`].join(' ').trimStart(),
    run.state === 'paused' ? paint('PAUSED', 'yellow', 'bold') : rate,
    pace === null ? '' : etaText(pace.etaSeconds),
    failuresOf(run, theme),
  ];
  // Where the line is cut, failures stay.
  if (frame.layout.columns < 76) facts.splice(2, 0, facts.pop() ?? '');
  const name = paint(nameOf(run, frame, theme), 'bold');
  return ` ${[name, ...facts.filter((fact) => fact !== '')].join('  ')}`;
}

function ended(run: MigrationRunViewModel, endedAt: Date, frame: Frame, theme: Theme): string {
  const { paint, glyphs } = theme;
  const { text, style } = words[run.state];
  const { total } = progressOf(run);
  const ageMs = frame.nowMs - endedAt.getTime();
  const ago = spanText(ageMs);
  const took = waitText((endedAt.getTime() - run.startedAt.getTime()) / 1000);
  const facts = [
    paint(text, style),
    paint(`${countOf(total, 'database')} in ${took}`, 'dim'),
    failuresOf(run, theme),
    paint(`${ago} ago`, 'dim'),
  ].filter((fact) => fact !== '');
  // Its failures were news; by now they are in the table, or gone from it.
  if (ageMs > NEWS_MS) {
    const plain = facts.map(stripVTControlCharacters).join(` ${glyphs.dot} `);
    return paint(` ${nameOf(run, frame, theme)}  ${plain}`, 'dim');
  }
  return ` ${paint(nameOf(run, frame, theme), 'dim')}  ${facts.join(paint(` ${glyphs.dot} `, 'dim'))}`;
}

const rateText = (perSecond: number): string =>
  perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1);

function etaText(eta: readonly [number, number] | null): string {
  if (eta === null) return 'ETA ?';
  const [low, high] = eta.map(waitText);
  return low === high ? `ETA ${low ?? ''}` : `ETA ${low ?? ''}-${high ?? ''}`;
}
