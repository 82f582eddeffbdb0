package io.clutch.it;

import static io.clutch.it.XdsControlPlane.NO_POLICY;
import static io.clutch.it.XdsControlPlane.custom;
import static io.clutch.it.XdsControlPlane.firstKnown;
import static io.clutch.it.XdsControlPlane.number;
import static io.clutch.it.XdsControlPlane.wrrLocality;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ConcurrentHashMultiset;
import com.google.common.collect.Multiset;
import com.google.protobuf.Struct;
import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.security.TlsFiles;
import io.clutch.worker.Worker;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that learns its servers from an xDS control plane, by gRPC's own library for that. */
@Timeout(120)
final class XdsIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final Struct TWO_CONNECTIONS =
      Struct.newBuilder().putFields("connectionsPerServer", number(2)).build();

  @AutoClose private static RecordingPolicy recording;

  private final XdsControlPlane plane = new XdsControlPlane("jobs");
  private final List<Worker> workers = new ArrayList<>();

  /** A load balancer that is registered with gRPC, as a control plane names it. */
  private record Named(String balancer, Struct config) {
    LoadBalancingPolicy policy() {
      return custom(balancer, config);
    }

    @Override
    public String toString() {
      return balancer;
    }
  }

  private static Stream<Named> balancers() {
    return Stream.of(
        new Named("round_robin", Struct.getDefaultInstance()),
        new Named(ClutchClient.Builder.LEAST_LOADED, TWO_CONNECTIONS),
        new Named(RecordingPolicy.NAME, TWO_CONNECTIONS));
  }

  @BeforeAll
  static void register() {
    recording = RecordingPolicy.register();
  }

  @AfterEach
  void stop() {
    plane.close();
    workers.forEach(Worker::close);
  }

  @Test
  void callsFollowTheEndpoints() throws Exception {
    callsFollowTheEndpoints(NO_POLICY);
  }

  @ParameterizedTest
  @MethodSource("balancers")
  void callsFollowTheEndpointsWithANamedPolicy(Named named) throws Exception {
    callsFollowTheEndpoints(named.policy());
  }

  @ParameterizedTest
  @MethodSource("balancers")
  void callsFollowTheEndpointsWithANamedPolicyInEachLocality(Named named) throws Exception {
    callsFollowTheEndpoints(wrrLocality(named.policy()));
  }

  private void callsFollowTheEndpoints(LoadBalancingPolicy policy) throws Exception {
    Worker a = worker("a");
    Worker b = worker("b");
    Worker c = worker("c");
    plane.policy(policy);
    plane.endpoints(List.of(a.address(), b.address()));
    Load load = new Load(plane.target());
    try (load) {
      load.awaitAnswersOf("a", "b");

      plane.endpoints(List.of(a.address(), b.address(), c.address()));
      load.awaitAnswersOf("a", "b", "c");

      plane.endpoints(List.of(b.address(), c.address()));
      load.awaitNoAnswersOf("a");
      int before = load.answersOf("a");
      load.awaitMore();
      assertThat(load.answersOf("a")).isEqualTo(before);

      a.close();
      load.awaitAnswersOf("b", "c");
    }
    assertThat(load.failures()).isEmpty();
  }

  @Test
  void theConfigOfANamedPolicyArrives() throws Exception {
    recording.configs().clear();
    plane.policy(custom(RecordingPolicy.NAME, TWO_CONNECTIONS));
    plane.endpoints(List.of(worker("a").address()));
    try (ClutchClient client = client(plane.target())) {
      assertThat(client.request("who", null, String.class)).isEqualTo("a");
    }

    assertThat(recording.configs()).containsOnly(Map.of("connectionsPerServer", 2.0));
  }

  @Test
  void anUnknownPolicyIsPassedOver() throws Exception {
    recording.configs().clear();
    plane.policy(
        firstKnown(
            custom("nosuch", TWO_CONNECTIONS), custom(RecordingPolicy.NAME, TWO_CONNECTIONS)));
    plane.endpoints(List.of(worker("a").address()));
    try (ClutchClient client = client(plane.target())) {
      assertThat(client.request("who", null, String.class)).isEqualTo("a");
    }

    assertThat(recording.configs()).isNotEmpty();
  }

  @Test
  void thePolicyIsChangedUnderLoad() throws Exception {
    recording.configs().clear();
    plane.endpoints(List.of(worker("a").address(), worker("b").address()));
    Load load = new Load(plane.target());
    try (load) {
      load.awaitAnswersOf("a", "b");

      plane.policy(custom(RecordingPolicy.NAME, TWO_CONNECTIONS));
      await().until(() -> !recording.configs().isEmpty());
      load.awaitAnswersOf("a", "b");

      plane.policy(NO_POLICY);
      load.awaitAnswersOf("a", "b");
    }
    assertThat(load.failures()).isEmpty();
  }

  @Test
  void theClientSaysWhetherConnectionsAreTls(@TempDir Path folder) throws Exception {
    Pki pki = Pki.create(folder);
    Pki.Pem pem = pki.server("worker");
    Worker worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .tls(TlsFiles.identity(pem.certificate(), pem.key()))
            .function("who", () -> "a")
            .build()
            .start();
    workers.add(worker);
    plane.policy(custom(ClutchClient.Builder.LEAST_LOADED, TWO_CONNECTIONS));
    plane.endpoints(List.of(worker.address()));

    try (ClutchClient client =
        ClutchClient.builder()
            .servers(plane.target())
            .tls(TlsFiles.trust(pki.authorities()))
            .authority("localhost")
            .timeout(LIMIT)
            .build()) {
      assertThat(client.request("who", null, String.class)).isEqualTo("a");
    }
  }

  @Test
  void callsWaitForTheFirstEndpoint() throws Exception {
    try (ClutchClient client = client(plane.target())) {
      CompletableFuture<String> answer = client.requestAsync("who", null, String.class);
      plane.endpoints(List.of(worker("late").address()));

      assertThat(answer).succeedsWithin(LIMIT).isEqualTo("late");
    }
  }

  @Test
  void aRetryPolicyDoesNotRunFunctionsTwice() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Worker slow =
        Worker.builder()
            .address("127.0.0.1:0")
            .timeout(Duration.ofMillis(20))
            .function(
                "slow",
                () -> {
                  runs.incrementAndGet();
                  TimeUnit.MINUTES.sleep(1);
                })
            .build()
            .start();
    workers.add(slow);
    plane.retries("deadline-exceeded", 3);
    plane.endpoints(List.of(slow.address()));
    try (ClutchClient client = client(plane.target())) {
      ClutchException failure = Failures.of(() -> client.request("slow", null, Void.class));

      assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_TIMEOUT);
    }
    assertThat(runs).hasValue(1);
  }

  private Worker worker(String name) throws IOException {
    Worker worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(8)
            .function("who", Void.class, (nothing, call) -> answer(name))
            .build()
            .start();
    workers.add(worker);
    return worker;
  }

  /** Long enough to be under way when an endpoint leaves, and to leave the machine some time. */
  private static String answer(String name) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(4);
    return name;
  }

  /** Looks often: most of what these tests wait for takes some milliseconds. */
  private static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(5));
  }

  private static ClutchClient client(String target) {
    return ClutchClient.builder().servers(target).timeout(LIMIT).build();
  }

  /** Calls that go on until this is closed, and who answered them. */
  private static final class Load implements AutoCloseable {
    private final Multiset<String> answers = ConcurrentHashMultiset.create();
    private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
    private final ClutchClient client;
    private final Threads threads;

    Load(String target) {
      client = client(target);
      threads = new Threads(4, this::call);
    }

    private void call() {
      try {
        answers.add(client.request("who", null, String.class));
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }

    int answersOf(String worker) {
      return answers.count(worker);
    }

    /** Waits for more answers of each. */
    void awaitAnswersOf(String... names) {
      Multiset<String> before = ConcurrentHashMultiset.create(answers);
      await()
          .until(
              () -> Stream.of(names).allMatch(name -> answersOf(name) >= before.count(name) + 10));
    }

    /** Waits for answers, none of them from {@code name}. */
    void awaitNoAnswersOf(String name) {
      await()
          .until(
              () -> {
                int before = answersOf(name);
                awaitMore();
                return answersOf(name) == before;
              });
    }

    /** Waits for more answers, whoever gives them. */
    void awaitMore() {
      int before = answers.size();
      await().until(() -> answers.size() >= before + 60);
    }

    Queue<RuntimeException> failures() {
      return failures;
    }

    @Override
    public void close() throws InterruptedException {
      threads.close();
      // gRPC closes the connection to an endpoint that left only 5 s later, and closing the client
      // waits for that; an interrupt ends the wait.
      Thread.currentThread().interrupt();
      client.close();
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
