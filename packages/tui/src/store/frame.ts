import type { Step } from '@tenantctl/core/wire/stream';
import { spanText } from '../theme/amounts.ts';
import { type FleetRow, type Lane, lastAt, lanes } from './fleet-row.ts';
import type { FleetStore } from './fleet-store.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { RecentChange } from './recent-changes.ts';
import type { UiState } from './ui-state.ts';
import { versionLabels } from './version-labels.ts';

/** A change is shown bold for so long. */
const FRESH_MS = 2000;
/** A live connection that has been silent for longer tells its age. The daemon speaks every 5 s. */
const QUIET_MS = 6500;

export type VisibleRow = {
  readonly row: FleetRow;
  readonly step: Step | undefined;
  readonly marked: boolean;
  readonly fresh: boolean;
  readonly last: string;
};

/** Why the order holds still. */
export type Hold = 'no' | 'keys' | 'marks' | 'question' | 'hand';

export type Freshness = { readonly live: boolean; readonly text: string };

/** Everything one picture of the screen is drawn from. Never changes once it is made. */
export type Frame = {
  readonly nowMs: number;
  readonly layout: Layout;
  readonly ui: UiState;
  readonly order: readonly string[];
  readonly visible: readonly VisibleRow[];
  /** The line of the table the cursor is on; -1 when its row is not on the screen. */
  readonly cursorLine: number;
  /** Where the cursor's row stands in the whole view, from 0; -1 when the view does not have it. */
  readonly cursorPlace: number;
  /** The row under the cursor, on the screen or scrolled away; null when the view does not have it. */
  readonly focus: VisibleRow | null;
  readonly focusChanges: readonly RecentChange[];
  /** Tenants that fail for the same cause as the row under the cursor, itself included. */
  readonly sameCause: number;
  readonly hold: Hold;
  readonly moved: number;
  readonly total: number;
  readonly laneCounts: Readonly<Record<Lane, number>>;
  readonly freshness: Freshness;
  readonly label: (version: string) => string;
  readonly fleet: Pick<
    FleetStore,
    'known' | 'daemon' | 'run' | 'pace' | 'connection' | 'degraded' | 'servers'
  >;
};

type Parts = {
  readonly fleet: FleetStore;
  readonly ui: UiState;
  readonly order: readonly string[];
  readonly hold: Hold;
  readonly moved: number;
  readonly nowMs: number;
};

export function frameOf({ fleet, ui, order, hold, moved, nowMs }: Parts): Frame {
  const layout = layoutOf(ui.size, ui.paneOpen);
  // On a screen that is too small nothing is seen, and so nothing can be meant.
  const height = layout.kind === 'too-small' ? 0 : layout.tableRows;
  const shown = (row: FleetRow): VisibleRow => ({
    row,
    step: fleet.stepOf(row),
    marked: ui.marks.has(row.id),
    fresh: nowMs - row.changedAtMs < FRESH_MS,
    last: spanText(nowMs - lastAt(row).getTime()),
  });
  const visible = order
    .slice(ui.cursor.top, ui.cursor.top + height)
    .flatMap((id) => fleet.row(id) ?? [])
    .map(shown);
  const { id, top } = ui.cursor;
  const cursorPlace = id === null ? -1 : order.indexOf(id);
  const line = cursorPlace - top;
  const focus = id === null || cursorPlace === -1 ? undefined : fleet.row(id);
  return {
    nowMs,
    layout,
    ui,
    order,
    visible,
    cursorLine: cursorPlace !== -1 && line >= 0 && line < height ? line : -1,
    cursorPlace,
    focus: focus === undefined ? null : shown(focus),
    focusChanges: focus === undefined ? [] : fleet.changes.of(focus.id, 40),
    sameCause: focus?.cause ? fleet.causes.of(focus.cause) : 0,
    hold,
    moved,
    total: fleet.size,
    laneCounts: laneCountsOf(fleet),
    freshness: freshnessOf(fleet, nowMs),
    label: labelsOf(fleet),
    fleet: {
      known: fleet.known,
      daemon: fleet.daemon,
      run: fleet.run,
      pace: fleet.pace,
      connection: fleet.connection,
      degraded: fleet.degraded,
      servers: fleet.servers,
    },
  };
}

function laneCountsOf(fleet: FleetStore): Record<Lane, number> {
  const counts: Record<Lane, number> = {
    FAILED: 0,
    MIGRATING: 0,
    PROVISIONING: 0,
    SUSPENDED: 0,
    ACTIVE: 0,
    NO_DATABASE: 0,
  };
  for (const lane of lanes) counts[lane] = fleet.laneCounts.of(lane);
  return counts;
}

function freshnessOf(fleet: FleetStore, nowMs: number): Freshness {
  const { connection, lastMessageAtMs, delayMs } = fleet;
  const ageMs = nowMs - lastMessageAtMs;
  if (connection.state === 'connecting') return { live: false, text: 'connecting' };
  if (connection.state === 'lost') {
    return { live: false, text: fleet.known ? `stale ${spanText(ageMs)}` : 'no daemon' };
  }
  if (ageMs > QUIET_MS) return { live: true, text: `live ${spanText(ageMs)}` };
  return { live: true, text: delayMs === null ? 'live' : `live ${(delayMs / 1000).toFixed(1)}s` };
}

function labelsOf(fleet: FleetStore): (version: string) => string {
  const versions = fleet.versions.entries().map(([version]) => version);
  if (fleet.run !== null) versions.push(fleet.run.targetVersion);
  return versionLabels(versions);
}

/** The parts of a frame that change because time passes, as one text to compare. */
export function clockOf(frame: Frame): string {
  const rows = frame.visible.map(({ last, fresh }) => (fresh ? `${last}!` : last));
  const ends = [frame.hold, frame.moved, frame.freshness.text, frame.ui.toast?.text ?? ''];
  return [...ends, frame.focus?.last ?? '', ...rows].join(' ');
}
