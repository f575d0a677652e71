import { targetOf, type TryOperation } from './operation.ts';

/** The real database and its login: cloned from the template at HEAD, marked, named, opened. */
export const provision: TryOperation = async ({ provisioner, clock }, database, workId) => {
  const { schemaVersion } = await provisioner.provision(targetOf(database, workId));
  database.provisioned(schemaVersion, clock.now());
  return { kind: 'ended', database };
};
