package io.clutch.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * An archive of classes, with which the many processes of these tests start in half the time. Made
 * once, by a program that is both worker and client.
 */
final class StartArchive {

  private static final String PROGRAM = "io.clutch.examples.Echo";
  private static final Path FILE = Path.of("target", "start-archive.jsa").toAbsolutePath();

  /** The options that make a JVM use it; empty where it could not be made. */
  static final String OPTIONS = make() ? options() : "";

  private StartArchive() {}

  private static String options() {
    // Where it does not fit, the JVM does without, and says nothing.
    return " -Xshare:auto -XX:SharedArchiveFile=%s -Xlog:cds=off -Xlog:cds+dynamic=off"
        .formatted(FILE);
  }

  private static boolean make() {
    if (FILE.toString().chars().anyMatch(Character::isWhitespace)) {
      return false;
    }
    try {
      Files.deleteIfExists(FILE);
      Files.createDirectories(FILE.getParent());
      ProcessBuilder builder =
          new ProcessBuilder(ClutchProcesses.SCRIPT.toString(), "worker", "--main", PROGRAM)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      builder
          .environment()
          .put("JAVA_OPTS", ClutchProcesses.QUICK_JVM + " -XX:ArchiveClassesAtExit=" + FILE);
      Process process = builder.start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0 && Files.exists(FILE);
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
