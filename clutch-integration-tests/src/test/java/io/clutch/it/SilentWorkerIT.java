package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.it.ClutchProcesses.Running;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A worker that says nothing any more while its connections stand: frozen here; from a client, a
 * machine without power looks the same.
 */
@Timeout(300)
final class SilentWorkerIT {

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void callsInASilentWorkerEndBeforeTheirDeadline() {
    Running silent = clutch.demoWorker();
    Running live = clutch.demoWorker();
    try (ClutchClient client = silent.client();
        ClutchClient both =
            ClutchClient.builder()
                .servers(silent.address(), live.address())
                .timeout(PoolProcess.LIMIT)
                .build()) {
      client.request("sleep", 1, Long.class);
      Request<Long> request = Request.of("sleep", 100, Long.class).idempotent();
      assertThat(both.requestMulti(Collections.nCopies(4, request)))
          .allSatisfy(outcome -> assertThat(outcome.isSuccess()).isTrue());
      CompletableFuture<Long> once = client.requestAsync("sleep", 5_000, Long.class);

      silent.signal("STOP");

      // One in each of them at least, and those in the silent one go to the other in the end.
      assertThat(both.requestMulti(Collections.nCopies(4, request)))
          .allSatisfy(outcome -> assertThat(outcome.isSuccess()).isTrue());
      await().atMost(PoolProcess.LIMIT).until(once::isDone);
      assertThat(once.handle((pid, failure) -> failure).join())
          .isInstanceOfSatisfying(
              ClutchException.class,
              failure -> {
                assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
                assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
              });
    } finally {
      silent.signal("CONT");
    }
  }
}
