package io.clutch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a worker's program is told of its store. */
final class StoreOptionsTest {

  private static final AtomicReference<String> told = new AtomicReference<>();

  /** A program that is a worker, as far as the command can tell. */
  public static final class Program {
    private Program() {}

    /** Notes what it is told. */
    public static void main(String[] args) {
      told.set(System.getProperty("clutch.store") + " " + System.getProperty("clutch.jobLease"));
    }
  }

  @AfterEach
  void forget() {
    System.clearProperty("clutch.store");
    System.clearProperty("clutch.jobLease");
    told.set(null);
  }

  private static int run(String... options) {
    StringWriter err = new StringWriter();
    String[] command = new String[options.length + 3];
    command[0] = "worker";
    command[1] = "--main";
    command[2] = Program.class.getName();
    System.arraycopy(options, 0, command, 3, options.length);
    return Main.commandLine(new PrintWriter(err, true), new PrintWriter(err, true))
        .execute(command);
  }

  @Test
  void aFolderIsToldAsItsWholePathAndALeaseInSeconds() {
    assertThat(run("--store", "jobs", "--job-lease", "500ms")).isZero();

    assertThat(told).hasValue(Path.of("jobs").toAbsolutePath() + " 0.500000000s");
  }

  @Test
  void aDatabaseIsToldAsItIs() {
    assertThat(run("--store", "postgresql://jobs@host/db?sslmode=require")).isZero();

    assertThat(told).hasValue("postgresql://jobs@host/db?sslmode=require null");
  }

  @Test
  void nothingIsToldWhereNothingIsSaid() {
    assertThat(run()).isZero();

    assertThat(told).hasValue("null null");
  }
}
