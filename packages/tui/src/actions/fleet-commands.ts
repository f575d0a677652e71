import type { Target } from './confirm.ts';

/**
 * What the terminal may ask of a daemon. Each answers the daemon's sentence when the work is accepted (not
 * when it is done) and throws the `Problem` with which it was refused.
 */
export type FleetCommands = {
  readonly retry: (target: Target) => Promise<string>;
  readonly migrate: (target: Target) => Promise<string>;
  readonly suspend: (target: Target) => Promise<string>;
  readonly resume: (target: Target) => Promise<string>;
  readonly provision: (target: Target) => Promise<string>;
  /** A tenant and its database. */
  readonly createTenant: (slug: string) => Promise<string>;
  readonly migrateAll: () => Promise<string>;
};
