import type { FleetAt, FleetSnapshot } from '@tenantctl/core/ports/fleet-snapshot';

/**
 * Takes snapshots of the fleet so that clients who ask at the same time share one: after a restore every
 * terminal asks at once. A shared one may be older than the request; what came after it is in the feed.
 */
export class SharedSnapshots {
  readonly #fleet: FleetSnapshot;
  #underWay: Promise<FleetAt> | undefined;

  constructor(fleet: FleetSnapshot) {
    this.#fleet = fleet;
  }

  /** Of the whole fleet, or of these tenants (ids). */
  take(only: readonly string[] | undefined): Promise<FleetAt> {
    if (only !== undefined) return this.#fleet.take(only);
    this.#underWay ??= this.#fleet.take().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }
}
