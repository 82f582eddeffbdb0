package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BackgroundTest {

  private final CountDownLatch open = new CountDownLatch(1);
  private final Queue<String> ran = new ConcurrentLinkedQueue<>();
  private final Worker worker =
      Worker.builder()
          .address("127.0.0.1:0")
          .concurrency(1)
          .queueCapacity(4)
          .function(
              "note",
              String.class,
              (text, call) -> {
                open.await();
                ran.add(text + " " + call.id() + " " + call.isBackground());
                return null;
              })
          .build();
  private ClutchClient client;

  @BeforeEach
  void start() throws IOException {
    worker.start();
    client = ClutchClient.builder().servers(worker.address().toString()).build();
  }

  @AfterEach
  void stop() {
    open.countDown();
    client.close();
    worker.close();
  }

  @Test
  void anAcceptedCallIsAnsweredBeforeItRuns() {
    String id = client.requestBackground("note", "later");

    assertThat(id).isNotEmpty();
    assertThat(ran).isEmpty();
    open.countDown();
    await().atMost(Duration.ofSeconds(20)).until(() -> !ran.isEmpty());
    assertThat(ran).containsExactly("later " + id + " true");
  }

  @Test
  void aCallKeepsTheCallersId() {
    assertThat(client.requestBackground(Request.of("note", "x").withCallId("mine")))
        .isEqualTo("mine");
  }

  @Test
  void aCallOutlivesItsCallersTimeoutAndConnection() {
    String id =
        client.requestBackground(
            Request.of("note", "later").withTimeout(Duration.ofSeconds(10)).withCallId("long"));
    client.close();

    open.countDown();

    await().atMost(Duration.ofSeconds(20)).until(() -> !ran.isEmpty());
    assertThat(ran).containsExactly("later " + id + " true");
  }

  @Test
  void anUnknownFunctionIsRefusedAtOnce() {
    ClutchException failure = Failures.of(() -> client.requestBackground("nosuch", null));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure).hasMessageContaining("nosuch").hasMessageContaining("note");
  }

  @Test
  void manyCallsHaveOneOutcomeEachInTheirOrder() {
    List<Outcome<String>> outcomes =
        client.requestBackgroundMulti(
            List.of(
                Request.of("note", "a").withCallId("one"),
                Request.of("nosuch", null),
                Request.of("note", "b").withCallId("two")));

    assertThat(outcomes).hasSize(3);
    assertThat(outcomes.get(0).result()).isEqualTo("one");
    assertThat(outcomes.get(1).failure().map(ClutchException::reason))
        .contains(Reason.FUNCTION_NOT_FOUND);
    assertThat(outcomes.get(2).result()).isEqualTo("two");
    open.countDown();
    await().atMost(Duration.ofSeconds(20)).until(() -> ran.size() == 2);
  }
}
