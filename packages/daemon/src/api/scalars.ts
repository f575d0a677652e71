import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';
import { createGraphQLError } from 'graphql-yoga';

/** Dates go out as ISO 8601 in UTC with milliseconds. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    throw createGraphQLError('DateTime is not a date');
  },
  parseValue: (value) => {
    const date = typeof value === 'string' ? new Date(value) : undefined;
    if (date !== undefined && !Number.isNaN(date.getTime())) return date;
    throw createGraphQLError(`DateTime is ${JSON.stringify(value)}; it must be ISO 8601`);
  },
});

/** Any JSON value, in variables as in the document. */
export const Json = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});
