import type { TenantHealth } from '../../prisma/tenant/seed/shop.ts';

/** One customer of the demo's SaaS, and what is in the way of its next migrations. */
export type Member = {
  readonly slug: string;
  readonly number: number;
  readonly health: TenantHealth;
  /** A colleague of theirs has left a transaction open that has read the orders. */
  readonly blocked: boolean;
};

const slugs = `
  acme aperture axiom bluth chotchkies cogswell cyberdyne dunder
  duff encom entropic flynn frobozz gekko globex gringotts
  hooli initech initrode krusty lexcorp massive mooby monarch
  nakatomi octan oscorp piedpiper planetex prestige rekall rosen
  sirius soylent spacely spectre stark sterling strickland tyrell
  umbrella vandelay vehement virtucon wayne wernham wonka zorg
`
  .trim()
  .split(/\s+/);

const troubled: Readonly<Record<string, TenantHealth>> = {
  bluth: 'null-violation',
  globex: 'null-violation',
  initrode: 'null-violation',
  soylent: 'null-violation',
  chotchkies: 'duplicate',
  hooli: 'duplicate',
  wonka: 'duplicate',
};

/** The 48 tenants: most are well, some hold data that a later migration cannot accept, one is locked. */
export const cast: readonly Member[] = slugs.map((slug, index) => ({
  slug,
  number: index + 1,
  health: troubled[slug] ?? 'healthy',
  blocked: slug === 'umbrella',
}));
