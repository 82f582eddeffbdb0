package io.clutch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.reflect.TypeToken;
import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.testing.ClutchExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DemoWorkerTest {

  private static final String PID = String.valueOf(ProcessHandle.current().pid());

  @RegisterExtension
  static final ClutchExtension clutch =
      ClutchExtension.worker(worker -> worker.functions(new DemoWorker()));

  private final ClutchClient client = clutch.client();

  @TempDir private Path folder;

  @Test
  void echoPutsTheProcessIdInFront() {
    assertThat(client.request("echo", "hello", String.class)).isEqualTo(PID + ":hello");
    assertThat(client.request("echo", null, String.class)).isEqualTo(PID + ":");
  }

  @Test
  void identityGivesAnyValueBack() {
    Map<String, Object> value = Map.of("a", List.of(1, "two", true), "b", Map.of());

    assertThat(client.request("identity", value, new TypeToken<Map<String, Object>>() {}))
        .isEqualTo(value);
    assertThat(client.request("identity", null, Object.class)).isNull();
  }

  @Test
  void cascadeCallsEcho() {
    assertThat(client.request("cascade", "hello", String.class)).isEqualTo(PID + ":hello");
    assertThat(clutch.calls("echo").started()).isEqualTo(1);
  }

  @Test
  void failFailsWithTheMessage() {
    ClutchException failure =
        catchThrowableOfType(
            ClutchException.class, () -> client.request("fail", "on purpose", Void.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure).hasMessageContaining("on purpose");
  }

  @Test
  void countWritesALineForEachCall() throws IOException {
    Path file = folder.resolve("lines");
    client.request("count", file.toString(), Long.class);
    client.request("count", Map.of("file", file.toString(), "line", "x"), Long.class);

    assertThat(file).hasContent(PID + "\nx");
  }

  @Test
  void countLosesNoLineOfManyCalls() throws IOException {
    Path file = folder.resolve("lines");
    List<Request<Long>> requests =
        IntStream.range(0, 100)
            .mapToObj(
                i ->
                    Request.of(
                        "count", Map.of("file", file.toString(), "line", "" + i), Long.class))
            .collect(Collectors.toList());

    assertThat(client.requestMulti(requests)).allMatch(Outcome::isSuccess);

    assertThat(Files.readAllLines(file)).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void sleepIsInterruptedWhenItsTimeIsUp() {
    CompletableFuture<Long> call = client.requestAsync("sleep", 3_600_000L, Long.class);
    clutch.awaitCalls("sleep", calls -> calls.started() == 1);

    clutch.clock().advance(Duration.ofSeconds(10));

    assertThat(call).failsWithin(Duration.ofSeconds(20));
    clutch.awaitCalls("sleep", calls -> calls.running() == 0);
  }

  @Test
  void progressDoesAllSteps() {
    assertThat(client.request("progress", Map.of("steps", 3, "millis", 1), Integer.class))
        .isEqualTo(3);
  }
}
