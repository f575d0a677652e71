import type { ProvisionTarget } from '@tenantctl/core/ports/tenant-provisioner';
import { migration, provisioningOn } from './tenant-server.ts';

// A process that provisions one database, for tests that kill it: node provision-once.ts '<ProvisionOnce as JSON>'

export type ProvisionOnce = {
  readonly masterUrl: string;
  readonly keys: string;
  readonly head: readonly { readonly name: string; readonly sql: string }[];
  readonly target: ProvisionTarget;
};

const { masterUrl, keys, head, target }: ProvisionOnce = JSON.parse(process.argv[2] ?? '');
const world = provisioningOn(masterUrl, keys, () =>
  head.map(({ name, sql }) => migration(name, sql)),
);
await world.provisioner.provision(target);
await world.master.close();
