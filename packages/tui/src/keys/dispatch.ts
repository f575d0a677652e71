import { answer } from '../actions/confirm.ts';
import { copies } from '../actions/copying.ts';
import { type Effects, runScreenAction, tryFilter } from '../actions/screen-actions.ts';
import { confirmed, startTenant, startWork, type WorkNeeds } from '../actions/start-work.ts';
import type { Action } from '../actions/table.ts';
import { matchingActions } from '../screens/help-entries.ts';
import type { Overlay } from '../store/ui-state.ts';
import { actionOfKey } from './bindings.ts';
import { edit, insert, type TextField } from './text-field.ts';
import type { KeyToken, Token } from './tokenize.ts';

export type DispatchNeeds = WorkNeeds & { readonly effects: Effects };

type FieldOverlay = Extract<Overlay, { kind: 'field' }>;

/**
 * Gives each key to the innermost scope that is open: question, then field, then screen. What comes
 * together with an answer to a question is thrown away: it was not meant for what the answer uncovers.
 */
export class Dispatcher {
  readonly #needs: DispatchNeeds;

  constructor(needs: DispatchNeeds) {
    this.#needs = needs;
  }

  /** All tokens of one chunk of input. */
  handle(tokens: readonly Token[]): void {
    const { ui } = this.#needs;
    ui.touch();
    for (const token of tokens) {
      if (token.type === 'key' && token.key === 'ctrl-c') return this.#needs.effects.quit();
      const asked = ui.state.overlay?.kind === 'confirm';
      this.#give(token);
      if (asked && ui.state.overlay?.kind !== 'confirm') return;
    }
  }

  #give(token: Token): void {
    const { overlay, screen } = this.#needs.ui.state;
    if (overlay?.kind === 'confirm') return this.#toQuestion(token, overlay);
    if (overlay?.kind === 'field') return this.#toField(token, overlay);
    if (screen === 'help' && overlay === null) return this.#toHelp(token);
    // Outside of a field a paste means nothing.
    if (token.type === 'paste') return;
    if (overlay?.kind === 'copy') return this.#toCopy(token);
    const action = actionOfKey(token.key);
    if (action !== undefined) this.#run(action);
  }

  #run(action: Action): void {
    if (action.kind === 'work') startWork(action, this.#needs);
    else runScreenAction(action.id, this.#needs);
  }

  #toQuestion(token: Token, overlay: Extract<Overlay, { kind: 'confirm' }>): void {
    const { ui } = this.#needs;
    const result = answer(overlay.confirm, token, ui.now());
    if (result.kind === 'open') {
      ui.update({ overlay: { kind: 'confirm', confirm: result.confirm } });
    } else if (result.kind === 'confirmed') {
      confirmed(overlay.confirm, this.#needs);
    } else {
      ui.update({ overlay: null });
      ui.toast('note', 'Cancelled, nothing was sent');
    }
  }

  #toField(token: Token, overlay: FieldOverlay): void {
    if (token.type === 'key' && token.key === 'esc') return this.#leaveField(overlay);
    if (token.type === 'key' && token.key === 'enter') return this.#submit(overlay, token);
    const field = typed(overlay.field, token);
    if (field === overlay.field) return;
    const { ui } = this.#needs;
    const complaint = overlay.purpose === 'filter' ? tryFilter(ui, field.text) : null;
    ui.update({ overlay: { ...overlay, field, complaint } });
  }

  #leaveField({ purpose, before }: FieldOverlay): void {
    const { ui } = this.#needs;
    if (purpose === 'filter') tryFilter(ui, before);
    ui.update({ overlay: null });
  }

  #submit(overlay: FieldOverlay, token: KeyToken): void {
    const { ui } = this.#needs;
    const text = overlay.field.text.trim();
    if (overlay.purpose === 'filter') {
      if (overlay.complaint === null) ui.update({ overlay: null });
      return;
    }
    // This one starts work, so Enter must not be part of a burst.
    if (!token.alone) return;
    ui.update({ overlay: null });
    if (text !== '') startTenant(text, this.#needs);
  }

  #toCopy(token: KeyToken): void {
    const { ui, effects } = this.#needs;
    ui.update({ overlay: null });
    const copy = copies.get(token.key);
    const row = ui.frame.focus?.row;
    if (copy === undefined || row === undefined) return;
    const text = copy.textOf(row);
    if (text === '') return ui.toast('note', `"${row.slug}" has no ${copy.what}`);
    effects.copy(text);
    ui.toast('done', `Copied the ${copy.what} of ${row.slug}`);
  }

  #toHelp(token: Token): void {
    const { ui } = this.#needs;
    const { query, index } = ui.state.help;
    const found = matchingActions(query.text);
    if (token.type === 'key') {
      const step = helpSteps[token.key];
      if (token.key === 'esc') return ui.update({ screen: 'fleet' });
      if (step !== undefined) {
        const next = Math.max(0, Math.min(index + step, found.length - 1));
        return ui.update({ help: { query, index: next } });
      }
      if (token.key === 'enter') {
        const action = found[index];
        if (action === undefined || !token.alone) return;
        ui.update({ screen: 'fleet' });
        return this.#run(action);
      }
    }
    const next = typed(query, token);
    if (next !== query) ui.update({ help: { query: next, index: 0 } });
  }
}

const helpSteps: Readonly<Record<string, number>> = {
  up: -1,
  down: 1,
  pageup: -10,
  pagedown: 10,
  'ctrl-u': -5,
  'ctrl-d': 5,
};

/** The field after a token; the same object when nothing was typed. */
function typed(field: TextField, token: Token): TextField {
  if (token.type === 'paste') return insert(field, token.text);
  if (token.text !== undefined) return insert(field, token.text);
  return edit(field, token.key) ?? field;
}
