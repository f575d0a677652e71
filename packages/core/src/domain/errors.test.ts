import { expect, test } from 'vitest';
import { catalogue, isErrorCode, Problem, problemOf } from './errors.ts';

const codes = Object.keys(catalogue).filter(isErrorCode);

/** They speak of the one master database, of this daemon, of us, or in the words of the command line. */
const withoutSubject = ['MASTER_UNREACHABLE', 'SHUTTING_DOWN', 'INTERNAL', 'USAGE'];
/** Their sentence itself says what would be right. */
const withoutHelp = ['INVALID_INPUT', 'ILLEGAL_TRANSITION', 'CONFIG_INVALID', 'FORBIDDEN'];

test.each(codes)('%s is a sentence about its subject', (code) => {
  const { message } = new Problem(code, 'the-subject', { more: 'And more' });
  expect(message).toMatch(/^["A-Z]/);
  expect(message).not.toMatch(/\.$/);
  if (!withoutSubject.includes(code)) expect(message).toContain('"the-subject"');
});

test.each(codes)('%s says what to do next, where it is not for its sentence to say', (code) => {
  const { help } = new Problem(code, 'x');
  if (withoutHelp.includes(code)) expect(help).toBeUndefined();
  else expect(help).toMatch(/^[A-Z].*(\.|: (tenant|prisma).*)$/);
});

test('codes are what scripts rely on: capitals and underscores', () => {
  expect(codes.filter((code) => !/^[A-Z]+(_[A-Z]+)*$/.test(code))).toEqual([]);
});

test('a problem carries its cause and its facts, and can be given a better help', () => {
  const cause = new Error('below');
  const problem = new Problem('RUN_NOT_FOUND', '7', { cause, facts: { id: 7 }, help: 'Look.' });
  expect(problem).toMatchObject({ code: 'RUN_NOT_FOUND', kind: 'caller', subject: '7' });
  expect(problem).toMatchObject({ cause, facts: { id: 7 }, help: 'Look.' });
});

test('an error from nowhere is a bug of ours, and keeps what it said', () => {
  const problem = problemOf(new TypeError('x is not a function'));
  expect(problem).toMatchObject({ code: 'INTERNAL', kind: 'bug' });
  expect(problem.message).toContain('x is not a function');
  expect(problemOf('a string').message).toContain('a string');
});

test('a problem stays the problem it is', () => {
  const problem = new Problem('TENANT_NOT_FOUND', 'acme');
  expect(problemOf(problem)).toBe(problem);
});

test('what every object has is no code', () => {
  expect(isErrorCode('constructor')).toBe(false);
  expect(isErrorCode('TENANT_NOT_FOUND')).toBe(true);
});
