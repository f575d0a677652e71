import {
  conditionOf,
  dateFields,
  idFields,
  type Condition,
} from '../../domain/criteria-condition.ts';
import type { Criteria, CriteriaField, Sort } from '../../domain/criteria.ts';

/** Parts of a SELECT on the view table, with the values that their `$1 …` stand for. */
export type CriteriaSql = {
  readonly where: string;
  readonly orderBy: string;
  readonly values: readonly unknown[];
};

const comparisons = {
  EQUALS: '=',
  NOT_EQUALS: 'IS DISTINCT FROM',
  GREATER_THAN: '>',
  LESS_THAN: '<',
  GREATER_OR_EQUAL: '>=',
  LESS_OR_EQUAL: '<=',
} as const;

/** Fields come from a closed list and values go as parameters: nothing of the caller's is in the text. */
export function criteriaSql({ filters, sorts }: Criteria): CriteriaSql {
  const values: unknown[] = [];
  const parameter = (value: unknown, type: string) => `$${values.push(value)}::${type}`;
  const conditions = filters.map((filter) => conditionSql(conditionOf(filter), parameter));
  return {
    where: conditions.length === 0 ? 'true' : conditions.join(' AND '),
    orderBy: orderBySql(sorts),
    values,
  };
}

function conditionSql(
  condition: Condition,
  parameter: (value: unknown, type: string) => string,
): string {
  const { field } = condition;
  const type = typeOf(field);
  switch (condition.kind) {
    case 'compare':
      return `"${field}" ${comparisons[condition.operator]} ${parameter(condition.value, type)}`;
    case 'in':
      return `"${field}" = ANY (${parameter(condition.values, `${type}[]`)})`;
    case 'like':
      return `"${field}"${type === 'text' ? '' : '::text'} LIKE ${parameter(condition.pattern, 'text')}`;
    case 'is-null':
      return `"${field}" IS ${condition.isNull ? '' : 'NOT '}NULL`;
  }
}

function typeOf(field: CriteriaField): 'timestamptz' | 'uuid' | 'text' {
  if (dateFields.has(field)) return 'timestamptz';
  return idFields.has(field) ? 'uuid' : 'text';
}

/** Fields that may be null. The others have indexes that a NULLS FIRST would not match. */
const nullable: ReadonlySet<CriteriaField> = new Set([
  'schemaVersion',
  'lastMigrationAt',
  'errorCode',
  'errorMessage',
]);

/** Ascending: nulls first. Descending: last, which is the same index read backwards. */
function orderBySql(sorts: readonly Sort[]): string {
  const orders = sorts.map(({ field, direction }) => {
    const nulls = direction === 'ASC' ? 'NULLS FIRST' : 'NULLS LAST';
    return nullable.has(field) ? `"${field}" ${direction} ${nulls}` : `"${field}" ${direction}`;
  });
  return [...orders, '"id" ASC'].join(', ');
}
