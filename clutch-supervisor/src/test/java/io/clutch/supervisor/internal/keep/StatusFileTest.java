package io.clutch.supervisor.internal.keep;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.process.Place;
import io.clutch.supervisor.internal.pool.Action;
import io.clutch.supervisor.internal.pool.Pool;
import io.clutch.supervisor.internal.pool.PoolSettings;
import io.clutch.supervisor.internal.process.ChildProcess;
import io.clutch.supervisor.internal.process.Launcher;
import io.clutch.supervisor.internal.process.LineSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class StatusFileTest {

  private static final FileTime LONG_AGO = FileTime.from(Instant.EPOCH);

  @TempDir Path folder;

  private final LineSink nowhere = LineSink.to(OutputStream.nullOutputStream(), "test-nowhere");
  private final Pool pool = new Pool(settings(), new Random(1));
  private final List<ChildProcess> processes = new ArrayList<>();
  private Path path;
  private StatusFile file;

  @BeforeEach
  void choosePath() {
    path = folder.resolve("clutch.status");
    file = new StatusFile(path);
  }

  @AfterEach
  void endChildren() {
    processes.forEach(ChildProcess::kill);
    processes.forEach(process -> process.onExit().join());
    nowhere.close(Duration.ofSeconds(5));
  }

  @Test
  void hasALineForEachChild() throws IOException {
    Member first = child(1);
    Member second = child(2);
    Member successor = child(1);

    file.update(ImmutableList.of(first, second, successor));

    assertThat(path)
        .hasContent("1:%d\n1:%d\n2:%d\n".formatted(first.pid(), second.pid(), successor.pid()));
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void followsWhatChanges() throws IOException {
    Member first = child(1);
    Member second = child(2);
    file.update(ImmutableList.of(first, second));

    file.update(ImmutableList.of(second));

    assertThat(path).hasContent("1:%d\n".formatted(second.pid()));
  }

  @Test
  void isNotWrittenAgainWhereNothingHasChanged() throws IOException {
    Member child = child(1);
    file.update(ImmutableList.of(child));
    Files.setLastModifiedTime(path, LONG_AGO);

    file.update(ImmutableList.of(child));

    assertThat(Files.getLastModifiedTime(path)).isEqualTo(LONG_AGO);
  }

  @Test
  void deletesItself() throws IOException {
    file.update(ImmutableList.of(child(1)));

    file.delete();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whereItCannotBeWrittenThePoolGoesOn() throws IOException {
    StatusFile misplaced = new StatusFile(folder.resolve("nowhere/clutch.status"));

    misplaced.update(ImmutableList.of(child(1)));
    misplaced.delete();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whereNoneIsWantedNothingIsWritten() throws IOException {
    StatusFile none = new StatusFile(null);

    none.update(ImmutableList.of(child(1)));
    none.delete();

    assertThat(folder).isEmptyDirectory();
  }

  private Member child(int slot) throws IOException {
    Place place = new Place(Path.of("/run/control.sock"), slot, slot);
    ChildProcess process =
        new Launcher(
                ImmutableList.of("/bin/sleep", "600"), ImmutableMap.of(), false, nowhere, nowhere)
            .launch(place);
    processes.add(process);
    return new Member(
        requireNonNull(pool.done(new Action.Spawn(slot, null), Instant.EPOCH)), process, place);
  }

  private static PoolSettings settings() {
    Duration any = Duration.ofSeconds(1);
    return new PoolSettings(2, any, any, any, any, any, any, 0, 0, 0, Duration.ZERO);
  }
}
