/** The daemons that work on one master, so that they share a run evenly. */
export interface DaemonRegistry {
  /** Says that this daemon is alive; answers how many are, this one included, by the master's clock. */
  beat(): Promise<number>;
  /** Says that this daemon stops. */
  leave(): Promise<void>;
}
