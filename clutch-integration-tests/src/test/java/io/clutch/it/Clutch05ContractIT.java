package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of Clutch 0.05 promise, between processes. */
class Clutch05ContractIT {

  private static final ClutchScript clutch = new ClutchScript();
  private static ClutchScript.WorkerProcess one;
  private static ClutchScript.WorkerProcess two;
  private static ClutchClient client;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    one = clutch.demoWorker();
    two = clutch.demoWorker();
    client = ClutchClient.builder().servers(one.address(), two.address()).build();
  }

  @AfterAll
  static void stop() {
    client.close();
    clutch.close();
  }

  @Test
  void aRequestWithTextComesBackInShape() {
    assertThat(client.request("echo", "hello", String.class))
        .isIn(one.pid() + ":hello", two.pid() + ":hello");
  }

  @Test
  void aRequestWithAMapComesBackInShape() {
    Map<String, Object> map =
        Map.of("name", "nekokak", "list", List.of(1, 2, Map.of("deep", true)));
    assertThat(client.request("identity", map, new TypeToken<Map<String, Object>>() {}))
        .isEqualTo(map);
  }

  @Test
  void aFunctionThatReturnsNothingGivesNull() {
    assertThat(client.request("identity", null, Object.class)).isNull();
  }

  @Test
  void anUnknownFunctionIsAnErrorThatNamesIt() {
    ClutchException failure =
        catchThrowableOfType(
            ClutchException.class, () -> client.request("unknown", null, Object.class));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure).hasMessageContaining("'unknown'").hasMessageContaining("echo");
  }

  @Test
  void backgroundAnswersAtOnceAndRunsOnce() throws Exception {
    Path file = folder.resolve("count");
    long start = System.nanoTime();
    client.requestBackground("sleep", 3000);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));

    client.requestBackground("count", file.toString());
    Awaitility.await().until(() -> Files.exists(file) && !Files.readString(file).isEmpty());
    assertThat(Files.readAllLines(file)).hasSize(1);
  }

  @Test
  void backgroundRefusesAnUnknownFunction() {
    ClutchException failure =
        catchThrowableOfType(
            ClutchException.class, () -> client.requestBackground("unknown", null));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
  }

  @Test
  void multiOverTwoWorkersWithRandomDelaysKeepsTheOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Request<Object>> requests =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    i < 20
                        ? Request.of("sleep", random.nextInt(100), Object.class)
                        : Request.of("identity", i, Object.class))
            .toList();

    List<Outcome<Object>> outcomes = client.requestMulti(requests);

    assertThat(outcomes).as("seed %s", seed).hasSize(40);
    for (int i = 20; i < 40; i++) {
      assertThat(outcomes.get(i).result()).isEqualTo(i);
    }
    assertThat(
            IntStream.range(0, 20).mapToObj(i -> ((Number) outcomes.get(i).result()).longValue()))
        .contains(one.pid(), two.pid());
  }

  @Test
  void backgroundMultiAcceptsEachAndRunsEachOnce() {
    Path file = folder.resolve("count");
    List<Outcome<String>> outcomes =
        client.requestBackgroundMulti(
            IntStream.range(0, 20)
                .mapToObj(
                    i -> Request.of("count", Map.of("file", file.toString(), "line", "line " + i)))
                .toList());
    assertThat(outcomes).hasSize(20).allMatch(Outcome::isSuccess);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(Files.readAllLines(file))
                    .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 20).mapToObj(i -> "line " + i).toList()));
  }

  @Test
  void aCascadeRunsTheOtherFunctionInTheSameProcess() {
    assertThat(client.request("cascade", "down", String.class))
        .isIn(one.pid() + ":down", two.pid() + ":down");
  }
}
