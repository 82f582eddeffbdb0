package io.clutch.it;

import io.clutch.worker.Worker;
import java.io.IOException;

/** A program of a user's: its class is not among the distribution's jars. */
public final class BytesWorker {

  private BytesWorker() {}

  /** Serves a function that gives bytes back. */
  public static void main(String[] args) throws IOException {
    Worker.builder().function("bytes", byte[].class, bytes -> bytes).build().run();
  }
}
