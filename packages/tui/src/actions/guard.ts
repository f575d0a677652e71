import type { FleetStore } from '../store/fleet-store.ts';

/** What stands in the way of every action, whatever its row. */
export type Obstacle = { readonly code: string; readonly sentence: string };

type Circumstances = {
  readonly fleet: Pick<FleetStore, 'daemon' | 'connection' | 'known'>;
  readonly readonly: boolean;
};

/** Whether keys look and never act here. */
export const isViewOnly = ({ fleet, readonly }: Circumstances): boolean =>
  readonly || fleet.daemon?.role === 'viewer';

/**
 * Whether anything may be sent at all. It stands before the key map, the help and the question alike, so
 * that no way to an action leads around it.
 */
export function obstacleToWork({ fleet, readonly }: Circumstances): Obstacle | null {
  if (readonly) return { code: 'FORBIDDEN', sentence: 'This terminal is read-only (--readonly)' };
  if (fleet.daemon?.role === 'viewer') {
    return { code: 'FORBIDDEN', sentence: 'Your role is viewer: it may look, not act' };
  }
  if (fleet.connection.state !== 'live' || !fleet.known) {
    const sentence = 'Nothing was sent, the daemon does not answer';
    return { code: 'DAEMON_UNREACHABLE', sentence };
  }
  return null;
}
