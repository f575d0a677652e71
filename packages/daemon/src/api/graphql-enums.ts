import { MigrationRunItemState, MigrationRunState } from '@tenantctl/core/domain/migration-run';

/**
 * States as GraphQL spells them (`COMPLETED_WITH_FAILURES`) and as the domain does
 * (`completed-with-failures`). As enum values of the schema they are mapped both ways.
 */
const spellings = <S extends string>(states: readonly S[]): Record<string, S> =>
  Object.fromEntries(states.map((state) => [state.toUpperCase().replaceAll('-', '_'), state]));

export const enums = {
  MigrationRunStateEnum: spellings(MigrationRunState.options),
  MigrationRunItemStateEnum: spellings(MigrationRunItemState.options),
};
