package io.clutch.supervisor.internal.keep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {

  private static final String OWN_PID = String.valueOf(ProcessHandle.current().pid());

  @TempDir Path folder;

  private Path path;

  @BeforeEach
  void choosePath() {
    path = folder.resolve("clutch.pid");
  }

  @Test
  void holdsThisProcesssIdUntilItIsDeleted() throws IOException {
    PidFile file = PidFile.write(path);
    assertThat(path).hasContent(OWN_PID + "\n");

    PidFile.delete(file);

    assertThat(path).doesNotExist();
  }

  @Test
  void whatAnotherProcessLeftBehindIsReplaced() throws IOException {
    Files.writeString(path, "123456789012345678901234567890\n");

    PidFile file = PidFile.write(path);

    assertThat(path).hasContent(OWN_PID + "\n");
    PidFile.delete(file);
  }

  @Test
  void whileAnotherProcessHoldsItItIsRefused() throws Exception {
    try (OtherProcess other = new OtherProcess(path)) {
      assertThat(other.outcome()).isEqualTo("held");

      assertThatThrownBy(() -> PidFile.write(path))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(path.toString(), "process " + other.pid());
      assertThat(path).hasContent(other.pid() + "\n");
    }
  }

  @Test
  void aProcessThatDiedHoldsItNoMore() throws Exception {
    try (OtherProcess other = new OtherProcess(path)) {
      assertThat(other.outcome()).isEqualTo("held");
    }
    assertThat(path).exists();

    PidFile file = PidFile.write(path);

    assertThat(path).hasContent(OWN_PID + "\n");
    PidFile.delete(file);
  }

  @Test
  void aSecondSupervisorInThisProcessIsRefusedAndTheFirstGoesOnHoldingIt() throws Exception {
    PidFile file = PidFile.write(path);

    assertThatThrownBy(() -> PidFile.write(path))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(path.toString(), "process " + OWN_PID);

    try (OtherProcess other = new OtherProcess(path)) {
      assertThat(other.outcome()).contains("locked by process " + OWN_PID);
    }
    PidFile.delete(file);
  }

  @Test
  void whenItIsDeletedAnotherMayWriteIt() throws IOException {
    PidFile.delete(PidFile.write(path));

    PidFile again = PidFile.write(path);

    assertThat(path).hasContent(OWN_PID + "\n");
    PidFile.delete(again);
  }

  @Test
  void whereThereIsNoneThereIsNothingToDelete() throws IOException {
    PidFile.delete(null);

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFolderThatDoesNotExistIsNamed() {
    Path nowhere = folder.resolve("nowhere/clutch.pid");

    assertThatThrownBy(() -> PidFile.write(nowhere))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(nowhere.toString());
  }

  /** Another process that tries to write the file, and lives until this is closed. */
  private static final class OtherProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    OtherProcess(Path path) throws IOException {
      process =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PidFileWriter.class.getName(),
                  path.toString())
              .redirectErrorStream(true)
              .start();
      output = process.inputReader();
    }

    long pid() {
      return process.pid();
    }

    String outcome() throws IOException {
      return output.readLine();
    }

    @Override
    public void close() throws Exception {
      process.destroyForcibly().waitFor();
      output.close();
    }
  }
}
