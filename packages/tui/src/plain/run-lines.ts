import type {
  CauseGroup,
  MigrationRunItemViewModel,
  MigrationRunViewModel,
} from '@tenantctl/core/application/view-models/migration-run-view-model';
import type { Progress } from '@tenantctl/core/wire/stream';
import { countOf, countText, spanText, waitText } from '../theme/amounts.ts';
import type { Glyphs } from '../theme/glyphs.ts';
import type { Style } from '../theme/theme.ts';
import { factLines } from './fact-lines.ts';
import type { Look } from './look.ts';
import type { Column } from './table.ts';
import { ageOf } from './tenant-database-table.ts';

const BAR_CELLS = 20;

/** Items that a run has to work on, and those of them that have ended; skipped ones are neither. */
export function itemsOf({ counts }: MigrationRunViewModel): { total: number; ended: number } {
  const ended = counts.done + counts.unchanged + counts.failed;
  return { ended, total: ended + counts.pending + counts.running };
}

/** `3 failed, 45 done`; states without an item are left out. */
export function countsText({ counts }: MigrationRunViewModel): string {
  const states = ['failed', 'skipped', 'running', 'pending', 'unchanged', 'done'] as const;
  const texts = states.filter((state) => counts[state] > 0);
  return texts.map((state) => `${countText(counts[state])} ${state}`).join(', ') || 'no items';
}

/** One line that tells how far a run is. */
export function progressLine(
  run: MigrationRunViewModel,
  progress: Pick<Progress, 'ratePerSecond' | 'etaSeconds'> | undefined,
  look: Look,
): string {
  const { ended, total } = itemsOf(run);
  const share = total === 0 ? 1 : ended / total;
  const eta = progress?.etaSeconds;
  return [
    `RUN #${run.number} ${look.glyphs.arrow} ${run.targetVersion}`,
    look.live ? barText(share, look.glyphs) : undefined,
    `${Math.floor(share * 100)}%`,
    `${countText(ended)}/${countText(total)}`,
    progress !== undefined && `${progress.ratePerSecond.toFixed(1)}/s`,
    eta && `ETA ${waitText(eta[0])}-${waitText(eta[1])}`,
    run.counts.failed > 0 && look.paint(`${look.glyphs.failed} ${run.counts.failed} failed`, 'red'),
    run.state === 'paused' && 'PAUSED',
  ]
    .filter(Boolean)
    .join('  ');
}

function barText(share: number, { bar }: Glyphs): string {
  const full = Math.floor(share * BAR_CELLS);
  return (bar.at(-1) ?? '').repeat(full) + (bar[0] ?? '').repeat(BAR_CELLS - full);
}

const stateStyles = ({ state }: MigrationRunViewModel): readonly Style[] => {
  if (state === 'completed') return ['green'];
  return state === 'running' || state === 'paused' ? ['yellow'] : ['red', 'bold'];
};

export const runColumns = (now: Date): readonly Column<MigrationRunViewModel>[] => [
  { title: 'RUN', text: ({ number }) => String(number), align: 'right' },
  { title: 'STATE', text: ({ state }) => state, style: stateStyles },
  { title: 'TO', text: ({ targetVersion }) => targetVersion },
  { title: 'TENANTS', text: (run) => countText(itemsOf(run).total), align: 'right' },
  { title: 'OUTCOME', text: countsText },
  { title: 'STARTED', text: ({ startedAt }) => ageOf(startedAt, now) },
  {
    title: 'TOOK',
    text: (run) => spanText((run.endedAt ?? now).getTime() - run.startedAt.getTime()),
  },
  { title: 'BY', text: ({ startedBy }) => startedBy },
];

export const causeColumns: readonly Column<CauseGroup>[] = [
  { title: 'FAILED', text: ({ count }) => countText(count), align: 'right' },
  { title: 'FOR EXAMPLE', text: ({ sampleTenantSlug }) => sampleTenantSlug },
  { title: 'CAUSE', text: ({ cause }) => cause },
];

export const itemColumns: readonly Column<MigrationRunItemViewModel>[] = [
  { title: 'STATE', text: ({ state }) => state },
  { title: 'TENANT', text: ({ tenantSlug }) => tenantSlug },
  { title: 'SERVER', text: ({ server }) => server },
  { title: 'TRIES', text: ({ attempts }) => String(attempts), align: 'right' },
  { title: 'SCHEMA', text: ({ toVersion, fromVersion }) => toVersion ?? fromVersion ?? '' },
  {
    title: 'WHY',
    text: ({ failure, skipReason }) =>
      skipReason ??
      (failure === null ? '' : `${failure.sqlstate ?? failure.code} ${failure.message}`),
  },
];

/** What is known of a run as a whole, a fact a line. */
export function runLines(run: MigrationRunViewModel, look: Look, now: Date): string[] {
  return factLines(
    [
      ['run', `#${run.number} (${run.id})`],
      ['state', run.state, stateStyles(run)],
      ['target', `${run.targetVersion} (${countOf(run.migrationCount, 'migration')})`],
      ['tenants', `${countText(itemsOf(run).total)}: ${countsText(run)}`],
      [
        'started',
        `${run.startedAt.toISOString()} (${ageOf(run.startedAt, now)}) by ${run.startedBy}`,
      ],
      ['ended', run.endedAt && `${run.endedAt.toISOString()} (${ageOf(run.endedAt, now)})`],
      ['reason', run.reason],
    ],
    look,
  );
}
