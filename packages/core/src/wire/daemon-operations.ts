import type { GraphqlOperation } from './graphql-operation.ts';
import { DaemonInfo } from './stream.ts';

/** How the daemon is called, how strictly to ask, and as whom it knows the caller. */
export const readDaemonInfo: GraphqlOperation<Readonly<Record<string, never>>, DaemonInfo> = {
  kind: 'query',
  field: 'daemonInfo',
  document: '{ daemonInfo { name protected version role principal } }',
  answer: DaemonInfo,
};
