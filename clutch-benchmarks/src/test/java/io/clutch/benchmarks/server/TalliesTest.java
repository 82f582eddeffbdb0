package io.clutch.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.benchmarks.server.Tallies.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TalliesTest {

  @TempDir private Path folder;

  @Test
  void countsOfAllProcessesAreSeenAtOnce() throws IOException {
    Tallies own = Tallies.own(folder);
    own.add(Kind.RUN.place(), 3);
    own.add(Kind.HELD.place(), 1);
    Path other = folder.resolve("other");
    Files.copy(folder.resolve(String.valueOf(ProcessHandle.current().pid())), other);

    own.add(Kind.HELD.place(), -1);

    assertThat(Tallies.sum(folder, Kind.RUN)).isEqualTo(6);
    assertThat(Tallies.sum(folder, Kind.HELD)).isEqualTo(1);
    assertThat(Tallies.sum(folder, Kind.ASIDE)).isZero();
  }

  @Test
  void aFileThatIsNotWholeYetCountsNothing() throws IOException {
    Files.createFile(folder.resolve("other"));

    assertThat(Tallies.sum(folder, Kind.RUN)).isZero();
  }
}
