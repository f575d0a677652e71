import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import { causeColumns, countsText } from '../plain/run-lines.ts';
import { tableLines } from '../plain/table.ts';
import { countText, spanText } from '../theme/amounts.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { runItems } from './run-items.ts';

/** Suspended databases are left out on purpose; every other one that was skipped is behind. */
const MEANT = 'SUSPENDED';

/** Prints how a run ended, its failures by cause, what was skipped, and what to type next. */
export async function concludeRun(
  context: CommandContext,
  run: MigrationRunViewModel,
): Promise<ExitCode> {
  const { output } = context;
  const { look } = output;
  const fine = run.state === 'completed';
  const took = spanText((run.endedAt ?? run.startedAt).getTime() - run.startedAt.getTime());
  const state = look.paint(run.state.replaceAll('-', ' '), fine ? 'green' : 'red');
  const skipped = await skippedByReason(context, run);
  output.one(run, [
    `Run #${run.number} to ${run.targetVersion} ${state} in ${took}: ${countsText(run)}`,
    ...(run.causes.length > 0 ? tableLines(causeColumns, run.causes, look) : []),
    ...Array.from(skipped, ([reason, count]) => `Skipped: ${countText(count)} ${reason}`),
  ]);
  const behind = [...skipped.keys()].some((reason) => reason !== MEANT);
  if (output.format === 'table') {
    if (run.counts.failed > 0) {
      output.note(`help: Remove the cause, then: tenantctl retry --run ${run.number}`);
    } else if (behind) {
      output.note('help: See why with: tenantctl list --filter -status:active,suspended');
    }
  }
  return fine && !behind ? exitCode.done : exitCode.someFailed;
}

async function skippedByReason(
  context: CommandContext,
  run: MigrationRunViewModel,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  if (run.counts.skipped === 0) return counts;
  for (const { skipReason } of await runItems(context, run.id, 'SKIPPED')) {
    const reason = skipReason ?? 'unknown';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}
