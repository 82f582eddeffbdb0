package io.clutch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process writes to. */
final class Terminal {

  /** Standard output. */
  static final int OUT = 1;

  /** Standard error. */
  static final int ERR = 2;

  private Terminal() {}

  /**
   * Whether somebody sees at once what is written to that descriptor. From the kernel: what
   * System.console() says of it differs between versions of Java.
   */
  static boolean isBehind(int descriptor) {
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return output.startsWith("/dev/pts/") || output.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
