package io.clutch.supervisor.internal.keep;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ServerAddress;
import io.clutch.supervisor.internal.pool.PoolSettings;
import io.clutch.v1.AttachResponse.ChildGone;
import io.clutch.v1.AttachResponse.MessageCase;
import io.clutch.v1.PoolEvent;
import io.netty.channel.EventLoopGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a real supervisor tells its children of each other; their processes are shell scripts. */
@EnabledOnOs(OS.LINUX)
class TellingChildrenTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path folder;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-children", 1);
  private final Queue<PoolEvent> events = new ConcurrentLinkedQueue<>();
  private final List<TestChild> attached = new ArrayList<>();
  private @Nullable RunningPool pool;

  @AfterEach
  void stop() throws Exception {
    for (TestChild child : attached) {
      child.close();
    }
    if (pool != null) {
      pool.signal(Signal.STOP);
      pool.exitCode().get(LIMIT.toSeconds(), SECONDS);
    }
    UnixSockets.stop(loops);
  }

  @Test
  void allThatAreReadyHearThatAProcessHasEndedAndHow() throws Exception {
    start(3, "exec sleep 600");
    TestChild first = attachReady(1, 1);
    TestChild second = attachReady(2, 1);
    attachReady(3, 1);
    long pid = pid(3, 1);

    kill(pid);

    for (TestChild other : List.of(first, second)) {
      ChildGone gone = other.await(MessageCase.CHILD_GONE).getChildGone();
      assertThat(gone.getSlot()).isEqualTo(3);
      assertThat(gone.getGeneration()).isEqualTo(1);
      assertThat(gone.getProcessId()).isEqualTo(pid);
      assertThat(gone.getHow()).isEqualTo("it was killed (exit code 137)");
    }
  }

  @Test
  void anEndThatWasAskedForIsToldToo() throws Exception {
    start(2, "exec sleep 600");
    TestChild first = attachReady(1, 1);
    attachReady(2, 1);

    pool.signal(Signal.FEWER);
    await().atMost(LIMIT).until(() -> has(PoolEvent.Kind.DRAINING));
    // The fake does not end its process.
    boolean unused = ProcessHandle.of(pid(2, 1)).orElseThrow().destroy();

    ChildGone gone = first.await(MessageCase.CHILD_GONE).getChildGone();
    assertThat(gone.getSlot()).isEqualTo(2);
    assertThat(gone.getHow()).isEqualTo("it exited with 143");
  }

  @Test
  void theOneThatTakesItsPlaceHearsOfItWhenItIsReady() throws Exception {
    start(1, "exec sleep 600");
    attachReady(1, 1);
    kill(pid(1, 1));
    attach(1, 2);
    kill(pid(1, 2));
    TestChild last = attach(1, 3);

    last.ready();

    assertThat(last.await(MessageCase.CHILD_GONE).getChildGone().getGeneration()).isEqualTo(1);
    assertThat(last.await(MessageCase.CHILD_GONE).getChildGone().getGeneration()).isEqualTo(2);
  }

  @Test
  void whoeverWasNotReadyThenHearsOfItOnce() throws Exception {
    start(2, "exec sleep 600");
    TestChild slow = attach(1, 1);
    attachReady(2, 1);
    kill(pid(2, 1));
    TestChild quick = attachReady(2, 2);
    quick.await(MessageCase.CHILD_GONE);

    slow.ready();
    slow.jobsWanted();
    quick.jobsWait();

    assertThat(slow.awaitAll(MessageCase.JOBS_WAIT))
        .filteredOn(message -> message.hasChildGone())
        .hasSize(1);
  }

  @Test
  void aWorkerThatOutlivesTheShellAroundItHasNotGoneYet() throws Exception {
    start(2, "trap 'kill $!' TERM; sleep 600 & wait");
    TestChild first = attachReady(1, 1);
    long shell = pid(2, 1);
    long worker = childOf(shell);
    attach(2, 1, worker).ready();
    awaitReady(2, 1);
    try {
      kill(shell);
      await().atMost(LIMIT).until(() -> has(PoolEvent.Kind.CRASHED));
      first.jobsWanted();
      attach(2, 2).jobsWait();

      assertThat(first.awaitAll(MessageCase.JOBS_WAIT))
          .noneMatch(message -> message.hasChildGone());
    } finally {
      kill(worker);
    }

    ChildGone gone = first.await(MessageCase.CHILD_GONE).getChildGone();
    assertThat(gone.getProcessId()).isEqualTo(worker);
    assertThat(gone.getGeneration()).isEqualTo(1);
  }

  @Test
  void aChildThatWantsJobsIsToldWhenAnotherHasNoRoomForThem() throws Exception {
    start(2, "exec sleep 600");
    TestChild first = attachReady(1, 1);
    TestChild second = attachReady(2, 1);

    first.jobsWanted();
    second.jobsWait();
    first.await(MessageCase.JOBS_WAIT);

    second.jobsWanted();
    second.await(MessageCase.JOBS_WAIT);
  }

  private void start(int size, String script) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    RunningPool.Setup setup =
        new RunningPool.Setup(
            ImmutableList.of("/bin/sh", "-c", script),
            ImmutableMap.of(),
            ImmutableList.of(ServerAddress.parse("127.0.0.1:0")),
            ImmutableList.of(),
            folder.resolve("control.sock"),
            null,
            null,
            true,
            output,
            output);
    PoolSettings settings =
        new PoolSettings(
            size,
            Duration.ZERO,
            Duration.ofMillis(10),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            0,
            0,
            0,
            Duration.ZERO);
    pool = RunningPool.start(setup, settings, events::add);
  }

  private TestChild attachReady(int slot, long generation) throws Exception {
    TestChild child = attach(slot, generation);
    child.ready();
    awaitReady(slot, generation);
    return child;
  }

  private TestChild attach(int slot, long generation) throws Exception {
    return attach(slot, generation, pid(slot, generation));
  }

  private TestChild attach(int slot, long generation, long pid) throws Exception {
    TestChild child =
        new TestChild(folder.resolve("control.sock").toRealPath(), loops, slot, generation, pid);
    attached.add(child);
    return child;
  }

  private void awaitReady(int slot, long generation) {
    await().atMost(LIMIT).until(() -> find(PoolEvent.Kind.CHILD_READY, slot, generation) != null);
  }

  /** The process that the supervisor has started, or will. */
  private long pid(int slot, long generation) {
    return await()
        .atMost(LIMIT)
        .until(() -> find(PoolEvent.Kind.SPAWNED, slot, generation), event -> event != null)
        .getProcessId();
  }

  private @Nullable PoolEvent find(PoolEvent.Kind kind, int slot, long generation) {
    return events.stream()
        .filter(
            event ->
                event.getKind() == kind
                    && event.getSlot() == slot
                    && event.getGeneration() == generation)
        .findFirst()
        .orElse(null);
  }

  private boolean has(PoolEvent.Kind kind) {
    return events.stream().anyMatch(event -> event.getKind() == kind);
  }

  private static long childOf(long pid) {
    return await()
        .atMost(LIMIT)
        .until(
            () -> ProcessHandle.of(pid).orElseThrow().children().findFirst(), Optional::isPresent)
        .orElseThrow()
        .pid();
  }

  private static void kill(long pid) {
    boolean unused = ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }
}
