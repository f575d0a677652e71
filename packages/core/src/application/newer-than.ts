import { compareMigrationNames } from '../domain/migration-plan.ts';

/** Picks the migrations that a database at this version has not had; none when its version is not known. */
export function newerThan(version: string | null): (name: string) => boolean {
  return (name) => version !== null && compareMigrationNames(name, version) > 0;
}
