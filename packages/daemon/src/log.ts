import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

/** One JSON line each on stdout, or coloured lines for people. */
export function openLog(options: { readonly level: string; readonly format: 'json' | 'pretty' }): Log {
  const base = { level: options.level, base: {}, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  if (options.format === 'json') return pino(base);
  return pino(base, pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l', colorize: true }));
}
