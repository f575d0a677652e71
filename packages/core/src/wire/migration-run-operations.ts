import { z } from 'zod';
import {
  CauseGroup,
  MigrationRunItemViewModel,
  MigrationRunViewModel,
} from '../application/view-models/migration-run-view-model.ts';
import { MigrationRunItemState, MigrationRunState } from '../domain/migration-run.ts';
import {
  failureFields,
  type GraphqlOperation,
  lowerCaseEnum,
  mutationFields,
  MutationResponse,
  page,
  type PaginationInput,
  WireFailure,
} from './graphql-operation.ts';

const WireRun = MigrationRunViewModel.extend({
  state: lowerCaseEnum(MigrationRunState),
  causes: z.array(CauseGroup.extend({ sample: WireFailure })),
});
const WireItem = MigrationRunItemViewModel.extend({
  state: lowerCaseEnum(MigrationRunItemState),
  failure: WireFailure.nullable(),
});
const ItemPage = page(WireItem);
export type MigrationRunItemPage = z.infer<typeof ItemPage>;

const runFields = `{
  id number state targetVersion migrationCount startedBy reason startedAt endedAt
  counts { pending running done unchanged failed skipped }
  causes { cause count sample ${failureFields} sampleTenantSlug }
}`;
const itemFields = `{
  id runId tenantDatabaseId tenantSlug server state attempts lane startedAt endedAt fromVersion toVersion
  skipReason cause failure ${failureFields}
}`;

/** A run by its id or number; null when there is none. */
export const findMigrationRun: GraphqlOperation<
  { readonly input: { readonly id: string } },
  MigrationRunViewModel | null
> = {
  kind: 'query',
  field: 'migrationRunFindById',
  document: `query ($input: MigrationRunFindByIdRequestDto!) {
    migrationRunFindById(input: $input) ${runFields}
  }`,
  answer: WireRun.nullable(),
};

/** The newest runs first. */
export const listMigrationRuns: GraphqlOperation<
  { readonly limit: number },
  readonly MigrationRunViewModel[]
> = {
  kind: 'query',
  field: 'migrationRuns',
  document: `query ($limit: Int) { migrationRuns(limit: $limit) ${runFields} }`,
  answer: z.array(WireRun),
};

/** Items of a run (its id), those that need attention first. `state` as the schema spells it. */
export const listMigrationRunItems: GraphqlOperation<
  {
    readonly input: {
      readonly runId: string;
      readonly state?: Uppercase<MigrationRunItemState>;
      readonly pagination?: PaginationInput;
    };
  },
  MigrationRunItemPage
> = {
  kind: 'query',
  field: 'migrationRunItems',
  document: `query ($input: MigrationRunItemsRequestDto!) {
    migrationRunItems(input: $input) { items ${itemFields} total page limit }
  }`,
  answer: ItemPage,
};

/** A fleet migration: `id` is the run's. `to` is the name of the last migration to apply. */
export const startMigrationRun: GraphqlOperation<
  {
    readonly input: {
      readonly includeFailed?: boolean;
      readonly to?: string;
      readonly reason?: string;
    };
  },
  MutationResponse
> = {
  kind: 'mutation',
  field: 'migrationRunStart',
  document: `mutation ($input: MigrationRunStartRequestDto) {
    migrationRunStart(input: $input) ${mutationFields}
  }`,
  answer: MutationResponse,
};
