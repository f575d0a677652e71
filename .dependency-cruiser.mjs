import swc from '@swc/core/Visitor.js';

/**
 * Who may import whom; ARCHITECTURE.md has the same table in words. A room may import itself and what stands
 * beside it here, and nothing else of this repository. Tests may import everything.
 */
const views = 'core/src/application/view-models';
const rooms = {
  'core/src/domain': [],
  [views]: ['core/src/domain'],
  'core/src/ports': ['core/src/domain', views],
  'core/src/application': ['core/src/domain', 'core/src/ports'],
  'core/src/infrastructure': ['core/src/domain', 'core/src/ports', views],
  'core/src/wire': ['core/src/domain', views],
  'core/src/client': ['core/src/domain', views, 'core/src/wire'],
  'core/src/library': ['core/src'],
  'daemon/src': ['core/src'],
  'tui/src': ['core/src/domain', views, 'core/src/wire', 'core/src/client'],
};

/** Rooms without I/O: of packages they may import these, and nothing of Node. */
const pure = {
  'core/src/domain': ['zod'],
  [views]: ['zod'],
  'core/src/ports': ['zod'],
  'core/src/application': ['zod'],
  'core/src/wire': ['zod', 'graphql'],
};

const at = (...folders) => folders.map((folder) => `^packages/${folder}/`);
const tests = ['\\.test\\.tsx?$', '^packages/core/src/ports/contracts/'];

// swc's visitor, which dependency-cruiser works with, would stop at the first file that has a `using`.
// oxlint-disable typescript/no-deprecated
const { visitStatement } = swc.Visitor.prototype;
swc.Visitor.prototype.visitStatement = function visit(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  return { ...statement, decls: this.visitVariableDeclarators(statement.decls) };
};
// oxlint-enable typescript/no-deprecated

export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, neighbours]) => ({
      name: `${room} keeps to its neighbours`,
      severity: 'error',
      from: { path: at(room), pathNot: tests },
      to: { path: '^packages/', pathNot: at(room, ...neighbours) },
    })),
    ...Object.entries(pure).map(([room, packages]) => ({
      name: `${room} does no I/O`,
      severity: 'error',
      from: { path: at(room), pathNot: tests },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'core'],
        pathNot: packages.map((name) => `/node_modules/${name}/`),
      },
    })),
    {
      name: 'only compose.ts knows the adapters',
      severity: 'error',
      from: { path: at('daemon/src'), pathNot: ['/compose\\.ts$', ...tests] },
      to: { path: at('core/src/infrastructure') },
    },
    {
      name: 'the daemon is neither a client nor a library user',
      severity: 'error',
      from: { path: at('daemon/src'), pathNot: tests },
      to: { path: at('core/src/client', 'core/src/library') },
    },
    {
      name: 'nobody imports a test',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests },
    },
    { name: 'everything resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    // TypeScript 7 has no API to parse with. Without a parser, nothing is checked and nothing is said.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '/generated/'] },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'default'],
    },
  },
};
