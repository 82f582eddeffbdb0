package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Stopwatch;
import com.google.common.reflect.TypeToken;
import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of Clutch 0.05 checked: its five ways to call, over two worker processes. */
@Timeout(120)
final class Contract05IT {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  @AutoClose private static final ClutchProcesses CLUTCH = ClutchProcesses.quick();
  @AutoClose private static ClutchClient client;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    CLUTCH.with("CLUTCH_CONCURRENCY", "8");
    client =
        ClutchClient.builder()
            .servers(CLUTCH.testWorker().address(), CLUTCH.testWorker().address())
            .timeout(LIMIT)
            .build();
  }

  @Test
  void aRequestWithTextComesBackInShape() {
    assertThat(client.request("text", "hello", String.class)).isEqualTo("got hello");
  }

  @Test
  void aRequestWithAMapComesBackInShape() {
    Map<String, Object> map = Map.of("name", "Clutch", "list", List.of(1, "two", Map.of()));

    assertThat(client.request("map", map, new TypeToken<Map<String, Object>>() {})).isEqualTo(map);
  }

  @Test
  void aFunctionThatReturnsNothingGivesNull() {
    assertThat(client.request("nothing", null, Object.class)).isNull();
  }

  @Test
  void anUnknownFunctionIsAnErrorThatNamesIt() {
    ClutchException failure = Failures.of(() -> client.request("nosuch", "x", Object.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure).hasMessageContaining("nosuch").hasMessageContaining("text");
  }

  @Test
  void requestsGoRoundTheServers() {
    Set<Long> processes = new HashSet<>();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              processes.add(client.request("pid", null, Long.class));
              return processes.size() == 2;
            });
  }

  @Test
  void aBackgroundCallIsAnsweredBeforeItEnds() throws IOException {
    Path running = folder.resolve("running");
    Stopwatch stopwatch = Stopwatch.createStarted();

    String id = client.requestBackground("hold", running.toString());

    assertThat(id).isNotEmpty();
    assertThat(stopwatch.elapsed()).isLessThan(LIMIT);
    await().atMost(LIMIT).until(() -> Files.exists(running));
    Files.delete(running);
  }

  @Test
  void aBackgroundCallOfAnUnknownFunctionIsRefusedAtOnce() {
    ClutchException failure = Failures.of(() -> client.requestBackground("nosuch", null));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure).hasMessageContaining("nosuch");
  }

  @Test
  void multiOverTwoWorkersWithRandomDelaysKeepsTheOrder() {
    List<Request<Integer>> requests =
        IntStream.range(0, 100).mapToObj(i -> Request.of("delay", i, Integer.class)).toList();

    List<Outcome<Integer>> outcomes = client.requestMulti(requests);

    assertThat(outcomes)
        .extracting(Outcome::result)
        .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
  }

  @Test
  void backgroundMultiRunsEveryCall() throws IOException {
    String file = folder.resolve("lines").toString();
    List<Request<Void>> requests =
        IntStream.range(0, 100)
            .mapToObj(i -> Request.of("append", new String[] {file, "line " + i}))
            .toList();

    List<Outcome<String>> outcomes = client.requestBackgroundMulti(requests);

    assertThat(outcomes).hasSize(100).allMatch(Outcome::isSuccess);
    await().atMost(LIMIT).until(() -> lines(file).size() >= 100);
    assertThat(lines(file))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 100).mapToObj(i -> "line " + i).toList());
  }

  @Test
  void aFunctionCallsAnotherOfTheSameWorker() {
    assertThat(client.request("outer", "hello", String.class)).isEqualTo("got hello");
  }

  @Test
  void functionsThatCallEachOtherTooDeepAreAClearError() {
    assertThat(client.request("deep", 64, Integer.class)).isEqualTo(64);
    assertThat(Failures.of(() -> client.request("deep", 65, Integer.class)).reason())
        .isEqualTo(Reason.CASCADE_TOO_DEEP);
  }

  private static List<String> lines(String file) throws IOException {
    Path path = Path.of(file);
    return Files.exists(path) ? Files.readAllLines(path) : List.of();
  }
}
