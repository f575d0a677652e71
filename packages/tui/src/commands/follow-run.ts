import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import type { FleetMessage } from '@tenantctl/core/client/fleet-stream';
import type { Progress } from '@tenantctl/core/wire/stream';
import { findMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { progressLine } from '../plain/run-lines.ts';
import type { CommandContext } from './context.ts';
import { openPatientStream } from './patient-stream.ts';

/** How often a line of progress is written where it cannot be rewritten in place. */
const LINE_EVERY_MS = 5_000;

/** Follows a run to its end, showing how far it is. Resolves with the run as it ended. */
export function followRun(
  context: CommandContext,
  run: MigrationRunViewModel,
): Promise<MigrationRunViewModel> {
  if (run.endedAt !== null) return Promise.resolve(run);
  const report = progressReport(context);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      stream.close();
      settle();
    };
    const see = (seen: MigrationRunViewModel, progress?: Progress) => {
      if (seen.endedAt === null) report(seen, progress);
      else end(() => resolve(seen));
    };
    const look = () =>
      context.client
        .request(findMigrationRun, { input: { id: run.id } })
        .then((now) => now !== null && see(now))
        .catch((error: unknown) => end(() => reject(error)));
    const stream = openPatientStream(context, {
      // Of no tenant: runs are told of in any case.
      tenants: [],
      farewell: `Interrupted; run #${run.number} goes on in the daemon.`,
      onMessage: (message) => {
        const news = runIn(message);
        if (news?.run.id === run.id) see(news.run, news.progress);
        // A snapshot holds the newest run, which need not be this one any more.
        else if (message.type === 'snapshot') void look();
      },
      onFailure: (error) => end(() => reject(error)),
    });
  });
}

function runIn(
  message: FleetMessage,
): { run: MigrationRunViewModel; progress?: Progress } | undefined {
  if (message.type === 'progress') return { run: message.run, progress: message };
  if (message.type === 'change' && message.change.kind === 'run') return message.change;
  return message.type === 'snapshot' && message.run !== null ? { run: message.run } : undefined;
}

/** In a terminal one line that is written again and again; elsewhere a line every few seconds. */
function progressReport({ output, now }: CommandContext) {
  let last = 0;
  return (run: MigrationRunViewModel, progress: Progress | undefined): void => {
    if (output.format === 'ndjson') return output.ndjson(progress ?? { type: 'run', run });
    const line = progressLine(run, progress, output.errorLook);
    if (output.errorLook.live) return output.live(line);
    if (now().getTime() - last < LINE_EVERY_MS) return;
    last = now().getTime();
    output.note(line);
  };
}
