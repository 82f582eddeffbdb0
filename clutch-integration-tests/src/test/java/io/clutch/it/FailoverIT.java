package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ObjectArrays;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.it.ClutchProcesses.Result;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.PoolEvent;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pools that die altogether, and come back. */
@Timeout(300)
final class FailoverIT {

  private static final int CALLERS = 4;

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void aPoolThatDiesCostsOnlyCallsThatMustNotRunTwice() throws InterruptedException {
    PoolProcess lasting = clutch.pool(2);
    PoolProcess dying = clutch.pool(2);
    Calls idempotent = new Calls();
    Calls once = new Calls();
    Request<Long> request = Request.of("sleep", 20, Long.class);
    try (ClutchClient client =
            ClutchClient.builder()
                .servers(lasting.address(), dying.address())
                .timeout(Duration.ofSeconds(90))
                .build();
        Threads repeating =
            new Threads(CALLERS, () -> idempotent.make(client, request.idempotent()));
        Threads careful = new Threads(CALLERS, () -> once.make(client, request))) {
      await().atMost(PoolProcess.LIMIT).until(() -> once.reached(dying.pids()));

      String address = dying.address();
      killAll(dying);
      idempotent.awaitMore();
      once.awaitMore();
      PoolProcess risen = clutch.pool(2, "--address", address);
      await().atMost(PoolProcess.LIMIT).until(() -> idempotent.reached(risen.pids()));
      await().atMost(PoolProcess.LIMIT).until(() -> once.reached(risen.pids()));
    }

    assertThat(idempotent.failures).isEmpty();
    // No more than were under way there.
    assertThat(once.failures)
        .hasSizeLessThanOrEqualTo(CALLERS)
        .allSatisfy(
            failure -> {
              assertThat(failure).isInstanceOf(ClutchException.class);
              ClutchException lost = (ClutchException) failure;
              assertThat(lost.reason()).isEqualTo(Reason.UNAVAILABLE);
              assertThat(lost.started()).isEqualTo(Started.UNKNOWN);
            });
  }

  @Test
  void aCallThatEndsEveryProcessIsGivenUp() {
    PoolProcess pool = clutch.pool(2);
    List<String> call = List.of("call", "--servers", pool.address(), "--timeout", "60s");

    Result once = clutch.run(with(call, "crash"));
    Result idempotent = clutch.run(with(call, "--idempotent", "crash"));

    assertThat(once.exitCode()).isEqualTo(3);
    assertThat(once.err()).contains("was lost while the call was under way (", "may have been");
    assertThat(idempotent.exitCode()).isEqualTo(3);
    assertThat(idempotent.err()).contains("under way, 3 times (", "may have been started");
    pool.awaitChildren(2);
    assertThat(pool.events(PoolEvent.Kind.CRASHED)).hasSize(4);
  }

  private static String[] with(List<String> command, String... more) {
    return ObjectArrays.concat(command.toArray(String[]::new), more, String.class);
  }

  /** The supervisor and its children at once. */
  private static void killAll(PoolProcess pool) {
    List<Long> pids =
        ImmutableList.<Long>builder().add(pool.supervisor().pid()).addAll(pool.pids()).build();
    ClutchProcesses.kill(pids);
  }

  /** Calls of one kind, and what became of them. */
  private static final class Calls {
    private final AtomicLong done = new AtomicLong();
    private final Set<Long> pids = ConcurrentHashMap.newKeySet();
    private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

    private void make(ClutchClient client, Request<Long> request) {
      try {
        Long pid = client.request(request);
        if (pid != null) {
          pids.add(pid);
        }
        done.incrementAndGet();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }

    private boolean reached(Set<Long> wanted) {
      return pids.containsAll(wanted);
    }

    private void awaitMore() {
      long before = done.get();
      await().atMost(PoolProcess.LIMIT).until(() -> done.get() >= before + 200);
    }
  }
}
