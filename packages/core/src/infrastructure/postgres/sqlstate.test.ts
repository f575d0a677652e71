import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { isConnectionLoss, meaningOf, sqlstateOf } from './sqlstate.ts';

function postgresError(code: string): DatabaseError {
  return Object.assign(new DatabaseError('said', 4, 'error'), { code, severity: 'ERROR' });
}

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('a transient error', () => {
  it.each([
    ['55P03', 'LOCK_TIMEOUT'],
    ['40001', 'LOCK_TIMEOUT'],
    ['40P01', 'LOCK_TIMEOUT'],
    ['53300', 'TOO_MANY_CONNECTIONS'],
    ['57P01', 'SERVER_UNREACHABLE'],
    ['57P02', 'SERVER_UNREACHABLE'],
    ['57P03', 'SERVER_UNREACHABLE'],
    ['08006', 'SERVER_UNREACHABLE'],
    ['08P01', 'SERVER_UNREACHABLE'],
  ])('is %s: %s', (sqlstate, code) => {
    expect(meaningOf(postgresError(sqlstate))).toEqual({ code, transient: true });
  });

  it.each([
    withCode('ECONNREFUSED'),
    withCode('ECONNRESET'),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('timeout expired'),
    new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]),
  ])('is a connection that was not made or is gone: %s', (error) => {
    expect(isConnectionLoss(error)).toBe(true);
    expect(meaningOf(error)).toEqual({ code: 'SERVER_UNREACHABLE', transient: true });
  });
});

describe('a lasting error', () => {
  it.each([
    ['3D000', 'DATABASE_MISSING'],
    ['28P01', 'PERMISSION_MISSING'],
    ['28000', 'PERMISSION_MISSING'],
    ['42501', 'PERMISSION_MISSING'],
  ])('with a name of its own is %s: %s', (sqlstate, code) => {
    expect(meaningOf(postgresError(sqlstate))).toEqual({ code, transient: false });
  });

  it.each(['22012', '23505', '42P01', '57014', '53100', '55006', '25P02'])(
    'of a statement has no other name than its SQLSTATE: %s',
    (sqlstate) => {
      expect(meaningOf(postgresError(sqlstate))).toBeUndefined();
      expect(sqlstateOf(postgresError(sqlstate))).toBe(sqlstate);
    },
  );
});

it.each([new TypeError('our bug'), withCode('ERR_INVALID_ARG_TYPE'), 'text', undefined])(
  'what is neither from PostgreSQL nor from the network has no meaning here: %s',
  (error) => {
    expect(meaningOf(error)).toBeUndefined();
    expect(sqlstateOf(error)).toBeUndefined();
  },
);
