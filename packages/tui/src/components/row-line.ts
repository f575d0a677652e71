import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import { workText } from '../store/fleet-row.ts';
import type { VisibleRow } from '../store/frame.ts';
import { clean } from '../theme/cells.ts';
import { laneLooks } from '../theme/lane-look.ts';
import type { Style, Theme } from '../theme/theme.ts';
import type { TableColumns } from './table-columns.ts';

export type RowLook = {
  readonly theme: Theme;
  readonly columns: TableColumns;
  readonly label: (version: string) => string;
  readonly run: MigrationRunViewModel | null;
  /** The daemon is away: everything is grey. */
  readonly stale: boolean;
};

/** One row of the fleet as one styled line of exactly the table's width. */
export function rowLine(visible: VisibleRow, underCursor: boolean, look: RowLook): string {
  const { theme, columns, stale } = look;
  const { paint, fit, glyphs } = theme;
  const { row, marked, fresh } = visible;
  const { cells, gap, roomy } = columns;
  const lane = laneLooks[row.lane];
  const air = ' '.repeat(gap);
  const gutter = `${underCursor ? glyphs.cursor : ' '}${marked ? glyphs.mark : ' '} `;
  const status = fit(`${glyphs[lane.glyph]} ${roomy ? lane.word : lane.short}`, cells.status);
  const tenant = fit(clean(row.slug), cells.tenant);
  const schema = fit(schemaText(visible, look), cells.schema);
  const last = fit(lastText(visible, roomy), cells.last);
  const error = fit(errorText(visible), cells.error);
  if (underCursor) {
    const [hue = 'bold'] = lane.styles;
    const shown = stale || hue === 'dim' ? status : paint(status, hue);
    return paint([gutter + shown, tenant, schema, last, error].join(air), 'inverse');
  }
  if (stale) return paint([gutter + status, tenant, schema, last, error].join(air), 'dim');
  const name: Style[] = fresh ? ['bold'] : [];
  const quiet: Style[] = row.lane === 'FAILED' ? [] : ['dim'];
  return [
    paint(gutter, ...(marked ? (['cyan', 'bold'] as const) : [])) + paint(status, ...lane.styles),
    paint(tenant, ...name),
    schema,
    paint(last, 'dim'),
    paint(error, ...quiet),
  ].join(air);
}

const lastText = ({ row, last }: VisibleRow, roomy: boolean): string =>
  roomy && row.database?.work === null ? `${last} ago` : last;

/** SQLSTATE and message of what failed, else what is going on. */
export function errorText({ row, step }: VisibleRow): string {
  if (row.database === null) return 'p provisions it';
  const work = workText(row, step);
  if (work !== '') return clean(work);
  const { errorCode, errorMessage, status } = row.database;
  if (status !== 'FAILED') return '';
  return clean([errorCode, errorMessage].filter(Boolean).join(' '));
}

/** The version a row is at, and the one it goes to or failed to reach. */
function schemaText({ row }: VisibleRow, { theme, columns, label, run }: RowLook): string {
  const { database } = row;
  const { glyphs, cut } = theme;
  const from = database?.schemaVersion ?? null;
  const here = from === null ? glyphs.dash : label(from);
  if (database === null) return here;
  const goal =
    row.lane === 'FAILED'
      ? database.failure?.migration
      : row.lane === 'MIGRATING' && run?.endedAt === null
        ? run.targetVersion
        : undefined;
  if (goal === undefined || goal === from) return clean(here);
  const half = Math.floor((columns.cells.schema - 1) / 2);
  return `${cut(clean(here), half)}${glyphs.arrow}${cut(clean(label(goal)), half)}`;
}
