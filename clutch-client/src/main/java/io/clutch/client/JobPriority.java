package io.clutch.client;

/** Which of the jobs that wait for a place comes first. */
public enum JobPriority {
  /** Before all others. */
  HIGH,
  /** The default. */
  NORMAL,
  /** When nothing else waits. */
  LOW
}
