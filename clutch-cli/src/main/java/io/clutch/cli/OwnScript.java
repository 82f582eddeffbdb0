package io.clutch.cli;

import java.io.IOException;
import java.nio.file.Path;

/** The script {@code ./clutch} that started this process. */
final class OwnScript {

  private OwnScript() {}

  /**
   * Where it is.
   *
   * @throws IOException where this process was started in another way
   */
  static Path path() throws IOException {
    String home = System.getProperty("clutch.home");
    if (home == null) {
      throw new IOException("start this by the script ./clutch");
    }
    return Path.of(home, "clutch");
  }
}
