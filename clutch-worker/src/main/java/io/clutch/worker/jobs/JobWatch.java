package io.clutch.worker.jobs;

import io.clutch.protocol.ClutchException;
import io.clutch.v1.Job;

/** Is told how a job is, whenever that has changed: by one thread at a time. */
public interface JobWatch {

  /** Whether more can be told now. Whoever is slow need not hear of everything in between. */
  boolean isReady();

  /** So it is now. */
  void is(Job job);

  /** That was the last there is to tell. */
  void ended();

  /** Nothing more can be told. */
  void failed(ClutchException why);
}
