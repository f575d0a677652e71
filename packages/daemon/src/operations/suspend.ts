import { targetOf, type TryOperation } from './operation.ts';

/** Shuts the doors of the real database; SUSPENDED only when nobody is left inside. */
export const suspend: TryOperation = async ({ provisioner, clock }, database, workId) => {
  await provisioner.suspend(targetOf(database, workId));
  database.suspended(clock.now());
  return { kind: 'ended', database };
};
