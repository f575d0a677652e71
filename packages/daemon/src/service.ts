/**
 * Something that runs until it is told to stop. When `run` rejects while the signal is not aborted, the
 * supervisor starts it again with back-off; when the signal aborts, `run` ends what is in hand and resolves.
 */
export interface Service {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}
