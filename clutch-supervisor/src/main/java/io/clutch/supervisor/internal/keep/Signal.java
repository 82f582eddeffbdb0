package io.clutch.supervisor.internal.keep;

/** What a supervisor can be told by signals. */
public enum Signal {
  /** TERM and INT: drain all, exit; at the second one kill all, exit. */
  STOP,
  /** USR1: drain one after another, exit. */
  STOP_SLOWLY,
  /** HUP: replace all, one after another. */
  RESTART,
  /** TTIN: one child more. */
  MORE,
  /** TTOU: one fewer. */
  FEWER
}
