import type { Change, ChangeMessage } from '@tenantctl/core/wire/stream';
import type { Look } from '../plain/look.ts';
import { countsText } from '../plain/run-lines.ts';
import { statusStyles, statusWord } from '../plain/status-word.ts';
import { errorOrStep } from '../plain/tenant-database-table.ts';
import { clockText } from '../theme/amounts.ts';
import { clean } from '../theme/cells.ts';
import type { CommandContext, LoadedCommand } from './context.ts';
import { databaseFilter } from './database-filter.ts';
import { openPatientStream } from './patient-stream.ts';

/** `watch`: one line per change until interrupted; as JSON the changes as they came. */
export function watch({ filter }: { readonly filter?: string }): LoadedCommand {
  const filterFor = databaseFilter(filter ?? '');
  return async (context) => {
    const holds = await filterFor(context);
    return follow(context, (change, now) =>
      change.kind === 'tenant-database' ? holds(change.database, now) : filter === undefined,
    );
  };
}

function follow(
  context: CommandContext,
  wanted: (change: Change, now: Date) => boolean,
): Promise<never> {
  const { output, now } = context;
  return new Promise((_resolve, reject) => {
    const stream = openPatientStream(context, {
      forever: true,
      onMessage: (message) => {
        if (message.type === 'resync') output.note(`Some changes are not shown: ${message.reason}`);
        if (message.type !== 'change') return;
        if (!wanted(message.change, now())) return;
        if (output.format === 'table') output.line(changeLine(message, output.look));
        else output.ndjson(message);
      },
      onFailure: (error) => {
        stream.close();
        reject(error);
      },
    });
  });
}

function changeLine({ at, change }: ChangeMessage, look: Look): string {
  const words = (): string => {
    if (change.kind === 'tenant') {
      return `${look.glyphs.noDatabase} NO DATABASE ${change.tenant.slug} created`;
    }
    if (change.kind === 'run') {
      const { number, state, targetVersion } = change.run;
      return `RUN #${number} ${look.glyphs.arrow} ${targetVersion} ${state}: ${countsText(change.run)}`;
    }
    const { database, reason } = change;
    const status = look.paint(
      statusWord(database.status, look.glyphs),
      ...statusStyles(database.status),
    );
    const what = [change.change, reason, errorOrStep(database)].filter(Boolean).join('  ');
    return `${status} ${database.tenantSlug} ${clean(what)}`;
  };
  return `${look.paint(clockText(at), 'dim')}  ${words()}`;
}
