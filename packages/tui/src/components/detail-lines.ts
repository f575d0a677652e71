import type { Failure } from '@tenantctl/core/domain/failure';
import { type FleetRow, workText } from '../store/fleet-row.ts';
import type { Frame, VisibleRow } from '../store/frame.ts';
import { clockText, countText, spanText } from '../theme/amounts.ts';
import { clean, widthOf, wrap } from '../theme/cells.ts';
import { laneLooks } from '../theme/lane-look.ts';
import type { Theme } from '../theme/theme.ts';
import { ends } from './header-line.ts';

/** Cells of the names of facts. */
const NAME = 11;

type Page = { readonly frame: Frame; readonly theme: Theme; readonly width: number };

/** Everything known about the tenant under the cursor, as lines of at most `width` cells. */
export function detailLines({ frame, theme, width }: Page): string[] {
  const { focus } = frame;
  if (focus === null) return [theme.paint('Nothing under the cursor', 'dim')];
  const page = { frame, theme, width };
  return [
    titleLine(focus, page),
    '',
    ...stateLines(focus, page),
    ...failureLines(focus.row, page),
    '',
    ...identityLines(focus.row, page),
    ...changeLines(page),
  ];
}

function titleLine({ row }: VisibleRow, { theme, width, frame }: Page): string {
  const { paint, glyphs, cut } = theme;
  const look = laneLooks[row.lane];
  const status = `${glyphs[look.glyph]} ${look.word}`;
  const name = cut(clean(row.slug), width - widthOf(status) - 2);
  const styles = frame.freshness.live ? look.styles : (['dim'] as const);
  return ends(paint(name, 'bold'), paint(status, ...styles), width);
}

function stateLines({ row, step }: VisibleRow, page: Page): string[] {
  const { database } = row;
  if (database === null) return [page.theme.paint('No database yet. p provisions one.', 'dim')];
  const work = workText(row, step);
  const { schemaVersion, lastMigrationAt } = database;
  return [
    ...fact('schema', schemaVersion ?? 'none yet', page),
    ...fact('migrated', lastMigrationAt === null ? 'never' : agoText(lastMigrationAt, page), page),
    ...(work === '' ? [] : fact('work', workLine(work, row, page), page)),
  ];
}

function identityLines(row: FleetRow, page: Page): string[] {
  const { database } = row;
  if (database === null) {
    return [
      ...fact('tenant', row.id, page),
      ...fact('created', agoText(row.createdAt, page), page),
    ];
  }
  const { server, databaseName, revision, updatedAt } = database;
  return [
    ...fact('database', databaseName, page),
    ...fact('server', server, page),
    ...fact('tenant', row.id, page),
    ...fact('revision', `${countText(revision)}, changed ${agoText(updatedAt, page)}`, page),
  ];
}

function workLine(work: string, row: FleetRow, { frame }: Page): string {
  const since = row.database?.work?.since;
  return since === undefined ? work : `${work}, for ${spanText(frame.nowMs - since.getTime())}`;
}

const agoText = (at: Date, { frame }: Page): string =>
  `${spanText(frame.nowMs - at.getTime())} ago`;

function fact(name: string, value: string, { theme, width }: Page): string[] {
  const lines = wrap(clean(value), Math.max(8, width - NAME));
  return lines.map((line, place) =>
    place === 0 ? theme.paint(name.padEnd(NAME), 'dim') + line : ' '.repeat(NAME) + line,
  );
}

function failureLines(row: FleetRow, page: Page): string[] {
  const failure = row.database?.failure;
  if (failure === null || failure === undefined) return [];
  const { theme, width } = page;
  const { sqlstate, code, message } = failure;
  const codes = sqlstate === undefined ? code : `SQLSTATE ${sqlstate} ${theme.glyphs.dot} ${code}`;
  return [
    '',
    theme.paint('ERROR', 'red', 'bold') + `  ${clean(codes)}`,
    ...wrap(clean(message), width),
    ...placeLines(failure, page),
    ...sameCauseLines(page),
  ];
}

function placeLines(
  { migration, statementNumber, statement, detail }: Failure,
  page: Page,
): string[] {
  return [
    ...(detail === undefined
      ? []
      : wrap(clean(detail), page.width).map((l) => page.theme.paint(l, 'dim'))),
    '',
    ...(migration === undefined ? [] : fact('migration', migration, page)),
    ...(statementNumber === undefined ? [] : fact('statement', `number ${statementNumber}`, page)),
    ...(statement === undefined ? [] : statementLines(statement, page)),
  ];
}

/** SQL keeps its own lines. */
function statementLines(statement: string, { theme, width }: Page): string[] {
  return statement
    .split('\n')
    .map((line) => clean(line.trimEnd()))
    .flatMap((line) => (widthOf(line) <= width - 2 ? [line] : wrap(line, width - 2)))
    .map((line) => `  ${theme.paint(line, 'cyan')}`);
}

function sameCauseLines({ frame, theme }: Page): string[] {
  const others = frame.sameCause - 1;
  if (others < 1) return [];
  const text = others === 1 ? '1 other tenant fails' : `${countText(others)} other tenants fail`;
  return ['', theme.paint(`${text} for the same cause`, 'yellow')];
}

function changeLines({ frame, theme, width }: Page): string[] {
  if (frame.focusChanges.length === 0) return [];
  const lines = frame.focusChanges.map(
    ({ at, what }) => `${theme.paint(clockText(at), 'dim')}  ${theme.cut(clean(what), width - 10)}`,
  );
  return ['', theme.paint('SEEN SINCE THIS STARTED', 'dim'), ...lines];
}
