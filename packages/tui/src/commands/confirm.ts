import { createInterface } from 'node:readline/promises';
import { Problem } from '@tenantctl/core/domain/errors';
import { readDaemonInfo } from '@tenantctl/core/wire/daemon-operations';
import { countOf } from '../theme/amounts.ts';
import { isInteractive } from '../plain/terminal.ts';
import type { CommandContext } from './context.ts';

type Intent = {
  /** What would happen, as an imperative: `migrate to 20250301_x`. */
  readonly what: string;
  readonly tenants: number;
  /** Is this asked about everywhere, or only in a protected environment? */
  readonly bulk: boolean;
};

/**
 * Asks for the number of tenants, or in a protected environment for its name, to be typed. Throws
 * `NOT_CONFIRMED` when it is not, or when nobody can answer. `--yes` answers everything.
 */
export async function confirm(context: CommandContext, intent: Intent): Promise<void> {
  if (context.yes) return;
  const daemon = await context.client.request(readDaemonInfo, {});
  if (!intent.bulk && !daemon.protected) return;
  const what = `${intent.what} (${countOf(intent.tenants, 'tenant')})`;
  const wanted = daemon.protected ? daemon.name : String(intent.tenants);
  const question = `On "${daemon.name}": ${what}. Type ${wanted} to go on: `;
  if (isInteractive(context.terminal) && (await ask(context, question)) === wanted) return;
  throw new Problem('NOT_CONFIRMED', what);
}

/** A line that was typed; nothing when the input ended or was interrupted instead. */
async function ask({ terminal }: CommandContext, question: string): Promise<string | undefined> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    const answer = await Promise.race([lines.question(question), ended]);
    return answer?.trim();
  } finally {
    lines.close();
  }
}
