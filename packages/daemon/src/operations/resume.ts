import { targetOf, type TryOperation } from './operation.ts';

/** Opens the doors again; the record goes back to the status it had. */
export const resume: TryOperation = async ({ provisioner, clock }, database, workId) => {
  await provisioner.resume(targetOf(database, workId));
  database.resumed(clock.now());
  return { kind: 'ended', database };
};
