package io.clutch.worker.jobs;

import io.clutch.protocol.ClutchException;
import io.clutch.v1.Payload;

/**
 * Takes what becomes of an attempt: one result or one failure. From any thread; returns at once.
 */
public interface JobOutcome {

  /** The function gave {@code result}. */
  void result(Payload result);

  /** It failed, or was not started. */
  void failure(ClutchException failure);

  /** It has come so far; not after its end. */
  void progress(long done, long total, String note);
}
