package io.clutch.supervisor.internal.keep;

import java.io.IOException;
import java.nio.file.Path;

/** A program that writes a pid file, says what came of it, and lives until its input ends. */
final class PidFileWriter {

  private PidFileWriter() {}

  public static void main(String[] args) throws IOException {
    try {
      PidFile unused = PidFile.write(Path.of(args[0]));
      System.out.println("held");
    } catch (IOException e) {
      System.out.println(e.getMessage());
    }
    while (System.in.read() >= 0) {
      // Nothing is sent.
    }
  }
}
