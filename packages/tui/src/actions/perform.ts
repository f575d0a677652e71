import { problemOf } from '@tenantctl/core/domain/errors';
import type { UiStore } from '../store/ui-store.ts';
import { countOf } from '../theme/amounts.ts';
import type { Command, Target } from './confirm.ts';
import type { FleetCommands } from './fleet-commands.ts';
import type { Outcomes } from './outcomes.ts';
import type { WorkActionId } from './table.ts';

/** So many commands of one key are under way at once. */
const AT_ONCE = 8;

export const verbs: Readonly<Record<WorkActionId, string>> = {
  retry: 'Retry',
  migrate: 'Migrate',
  suspend: 'Suspend',
  resume: 'Resume',
  provision: 'Provision',
  'migrate-all': 'Migrate all',
};

type Needs = {
  readonly ui: UiStore;
  readonly commands: FleetCommands;
  readonly outcomes: Outcomes;
};

/** Sends a command and shows the answer in a line. Never throws. */
export async function perform(command: Command, needs: Needs): Promise<void> {
  const { ui, commands } = needs;
  if (command.action === 'migrate-all') {
    return sendOne('', 'Migrate all', () => commands.migrateAll(), needs);
  }
  if (command.action === 'create-tenant') {
    const { slug } = command;
    return sendOne(slug, slug, () => commands.createTenant(slug), needs);
  }
  const { action, targets } = command;
  const send = commands[action];
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) {
    return sendOne(only.slug, `${verbs[action]} ${only.slug}`, () => send(only), needs);
  }
  await sendAll(targets, { ui, verb: verbs[action], send });
}

async function sendOne(
  slug: string,
  what: string,
  send: () => Promise<string>,
  { ui, outcomes }: Needs,
): Promise<void> {
  // Before the answer: the outcome may be faster.
  outcomes.expect(slug);
  try {
    const sentence = await send();
    if (outcomes.isOpen(slug)) ui.toast('done', `${what}: ${sentence}`);
  } catch (error) {
    outcomes.forget(slug);
    ui.toast('refused', `${what}: ${refusalText(error)}`);
  }
}

type Many = {
  readonly ui: UiStore;
  readonly verb: string;
  readonly send: (target: Target) => Promise<string>;
};

async function sendAll(targets: readonly Target[], { ui, verb, send }: Many): Promise<void> {
  const left = [...targets];
  const refusals: string[] = [];
  const work = async (): Promise<void> => {
    for (let target = left.shift(); target !== undefined; target = left.shift()) {
      await send(target).catch((error: unknown) => refusals.push(refusalText(error)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const accepted = countOf(targets.length - refusals.length, 'tenant');
  if (refusals.length === 0) return ui.toast('done', `${verb}: accepted for ${accepted}`);
  const rest = `${refusals.length} refused, the first: ${refusals[0] ?? ''}`;
  ui.toast('refused', `${verb}: accepted for ${accepted}, ${rest}`);
}

/** `error[CODE]: sentence. Help`, as the command line prints it. */
export function refusalText(error: unknown): string {
  const { code, message, help } = problemOf(error);
  return `error[${code}]: ${message}${help === undefined ? '' : `. ${help}`}`;
}
