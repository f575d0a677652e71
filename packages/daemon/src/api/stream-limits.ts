/** What one client of the stream may cost, and how long it is waited for. */
export type StreamLimits = {
  readonly helloTimeoutMs: number;
  readonly bookmarkMs: number;
  /** More than this in its socket's buffer, and the client gets nothing until it has read. */
  readonly highWaterBytes: number;
  /** A client whose buffer stays full for longer is slow: its changes are folded. */
  readonly slowAfterMs: number;
  /** More databases than this folded, and it is told to start over. */
  readonly maxFolded: number;
  /** So long without an `ack` for what was sent, and it is told to start over. */
  readonly ackTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly maxClients: number;
};

export const streamLimits: StreamLimits = {
  helloTimeoutMs: 5_000,
  bookmarkMs: 5_000,
  highWaterBytes: 256 * 1024,
  slowAfterMs: 1_000,
  maxFolded: 5_000,
  ackTimeoutMs: 30_000,
  maxMessageBytes: 64 * 1024,
  maxClients: 64,
};
