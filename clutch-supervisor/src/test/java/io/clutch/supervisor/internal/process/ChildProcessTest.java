package io.clutch.supervisor.internal.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Real processes: how they end, and who belongs to them. */
@EnabledOnOs(OS.LINUX)
class ChildProcessTest {

  private final TestChildren children = new TestChildren();

  @AfterEach
  void endChildren() {
    children.close();
  }

  @Test
  void theExitCodeAndTheLastLinesOfBothStreamsAreThereAtTheEnd() throws Exception {
    ChildProcess child =
        children.start("i=0; while [ $i -lt 25 ]; do i=$((i+1)); echo $i; done; exit 7");
    ChildProcess other = children.start("echo 'no such option' >&2; exit 2");

    assertThat(exitCode(child)).isEqualTo(7);
    assertThat(child.lastLines().lines()).hasSize(20).startsWith("6").endsWith("25");
    assertThat(exitCode(other)).isEqualTo(2);
    assertThat(other.lastLines()).isEqualTo("no such option");
  }

  @Test
  void aGrandchildThatHoldsTheOutputOpenDoesNotHoldUpTheEnd() throws Exception {
    ChildProcess child = children.start("sleep 600 & echo $!; exit 3");
    await().until(() -> !child.lastLines().isEmpty());
    ProcessHandle grandchild = handle(child.lastLines());

    try {
      assertThat(exitCode(child)).isEqualTo(3);
    } finally {
      boolean unused = grandchild.destroyForcibly();
    }
  }

  @Test
  void itIncludesItselfItsChildrenAndTheirsButNobodyElse() throws Exception {
    ChildProcess child = children.start("/bin/sh -c 'sleep 600 & echo $! $$; wait'; exit 0");
    ChildProcess other = children.start("sleep 600");
    await().until(() -> !child.lastLines().isEmpty());
    List<String> pids = List.of(child.lastLines().split(" "));

    assertThat(child.includes(child.pid())).isTrue();
    assertThat(pids).hasSize(2).allMatch(pid -> child.includes(Long.parseLong(pid)));
    assertThat(child.includes(other.pid())).isFalse();
    assertThat(child.includes(ProcessHandle.current().pid())).isFalse();
    assertThat(child.includes(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void killEndsTheDescendantsToo() throws Exception {
    ChildProcess child =
        // Where one of them ends before it, the child itself goes on.
        children.start("trap '' TERM; /bin/sh -c 'sleep 600 & echo $!; wait'; sleep 600");
    await().until(() -> !child.lastLines().isEmpty());
    ProcessHandle grandchild = handle(child.lastLines());

    child.kill();

    assertThat(exitCode(child)).isEqualTo(137);
    assertThat(ChildProcess.describeExit(137)).contains("killed");
    await().until(() -> !grandchild.isAlive());
  }

  @Test
  void terminateLeavesItTimeToSayMore() throws Exception {
    ChildProcess child =
        children.start("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
    await().until(() -> child.lastLines().equals("ready"));

    child.terminate();

    assertThat(exitCode(child)).isEqualTo(5);
    assertThat(child.lastLines()).isEqualTo("ready\nbye");
    assertThat(ChildProcess.describeExit(5)).isEqualTo("it exited with 5");
  }

  @Test
  void dumpThreadsSendsQuit() throws Exception {
    ChildProcess child =
        children.start("trap 'echo threads' QUIT; echo ready; while :; do sleep 0.05; done");
    await().until(() -> child.lastLines().equals("ready"));

    ChildProcess.dumpThreads(child.pid());

    await().until(() -> child.lastLines().equals("ready\nthreads"));
  }

  @Test
  void theMemoryOfAProcessIsKnownUntilItHasGone() throws Exception {
    ChildProcess child = children.start("exit 0");
    assertThat(exitCode(child)).isZero();

    assertThat(ChildProcess.residentBytes(ProcessHandle.current().pid())).isGreaterThan(10L << 20);
    assertThat(ChildProcess.residentBytes(child.pid())).isZero();
  }

  private static ProcessHandle handle(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  private static int exitCode(ChildProcess child) throws Exception {
    return child.onExit().get(20, SECONDS);
  }
}
