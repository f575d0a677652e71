import { emptyField } from '../keys/text-field.ts';
import type { Command, Confirm } from './confirm.ts';
import type { FleetCommands } from './fleet-commands.ts';
import { obstacleToWork } from './guard.ts';
import type { Outcomes } from './outcomes.ts';
import { perform } from './perform.ts';
import { questionAbout, questionAboutFleet, questionAboutTenant, tierOf } from './questions.ts';
import { aim, type Aim, targetOf } from './targets.ts';
import type { WorkAction } from './table.ts';
import type { UiStore } from '../store/ui-store.ts';

export type WorkNeeds = {
  readonly ui: UiStore;
  readonly commands: FleetCommands;
  readonly outcomes: Outcomes;
  readonly readonly: boolean;
};

/** From a key to either a refusal in a line, a question, or the command. */
export function startWork(action: WorkAction, needs: WorkNeeds): void {
  const { ui } = needs;
  if (isBlocked(needs)) return;
  const asked = { fleet: ui.fleet, nowMs: ui.now() };
  if (action.id === 'migrate-all') {
    const nothing = ui.fleet.laneCounts.of('ACTIVE') === 0;
    return nothing ? ui.toast('note', 'No database is ACTIVE') : ask(ui, questionAboutFleet(asked));
  }
  if (action.id === 'provision' && wantsNewTenant(ui)) return askForSlug(ui);
  const aimed = aim(ui, action);
  if ('missed' in aimed) return ui.toast('note', aimed.missed);
  if (aimed.rows.length === 0) return ui.toast('note', aimed.reason ?? 'There is nothing to do');
  const tier = tierOf(action, aimed.rows.length, ui.fleet.daemon?.protected ?? true);
  if (tier === 'T0') return send(commandFor(action.id, aimed), needs);
  ask(ui, questionAbout(action.id, aimed, tier, asked));
}

/** The slug of a new tenant was typed. */
export function startTenant(slug: string, needs: WorkNeeds): void {
  const { ui } = needs;
  if (isBlocked(needs)) return;
  if (ui.fleet.daemon?.protected === false) return send({ action: 'create-tenant', slug }, needs);
  ask(ui, questionAboutTenant(slug, { fleet: ui.fleet, nowMs: ui.now() }));
}

/** The question was answered; what stood in the way then may stand there now. */
export function confirmed(confirm: Confirm, needs: WorkNeeds): void {
  needs.ui.update({ overlay: null });
  if (!isBlocked(needs)) send(confirm.command, needs);
}

function isBlocked({ ui, readonly }: WorkNeeds): boolean {
  const obstacle = obstacleToWork({ fleet: ui.fleet, readonly });
  if (obstacle !== null) ui.toast('refused', `error[${obstacle.code}]: ${obstacle.sentence}`);
  return obstacle !== null;
}

function send(command: Command, needs: WorkNeeds): void {
  needs.ui.update({ marks: new Set(), toast: null });
  void perform(command, needs);
}

const commandFor = (action: Exclude<WorkAction['id'], 'migrate-all'>, { rows }: Aim): Command => ({
  action,
  targets: rows.map(targetOf),
});

const ask = (ui: UiStore, confirm: Confirm): void =>
  ui.update({ overlay: { kind: 'confirm', confirm }, toast: null, screen: screenUnder(ui) });

const screenUnder = ({ state }: UiStore) => (state.screen === 'help' ? 'fleet' : state.screen);

function wantsNewTenant({ state, fleet }: UiStore): boolean {
  if (state.marks.size > 0 && state.screen !== 'detail') return false;
  const row = state.cursor.id === null ? undefined : fleet.row(state.cursor.id);
  return row === undefined || row.database !== null;
}

const askForSlug = (ui: UiStore): void =>
  ui.update({
    overlay: {
      kind: 'field',
      purpose: 'new-tenant',
      field: emptyField,
      before: '',
      complaint: null,
    },
    toast: null,
    screen: screenUnder(ui),
  });
