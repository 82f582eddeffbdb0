package io.clutch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.clutch.client.ClutchClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** The classes within are the tests of a user; they are run by the tests of this one. */
@Timeout(60)
final class ClutchExtensionTest {

  @BeforeEach
  void forget() {
    Stream.of(
            StaticField.made,
            InstanceField.made,
            InstancePerClass.made,
            LeavesCallsBehind.made,
            TwoExtensions.ofOne,
            TwoExtensions.ofTwo)
        .forEach(made -> made.set(0));
    InstanceField.clients.clear();
    ParallelWithStaticField.oneHasFailed = new CountDownLatch(1);
  }

  private static EngineExecutionResults run(Class<?>... classes) {
    EngineTestKit.Builder engine =
        EngineTestKit.engine("junit-jupiter")
            .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
            .configurationParameter("junit.jupiter.execution.parallel.mode.default", "same_thread")
            .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
            .configurationParameter(
                "junit.jupiter.execution.parallel.config.fixed.parallelism", "4");
    for (Class<?> testClass : classes) {
      engine.selectors(selectClass(testClass));
    }
    return engine.execute();
  }

  /** A worker that says which one it is, of all that were made with {@code made}. */
  private static ClutchExtension numbered(AtomicInteger made) {
    return ClutchExtension.worker(
        worker -> {
          int number = made.incrementAndGet();
          worker
              .function("which", () -> number)
              .function("block", () -> new CountDownLatch(1).await());
        });
  }

  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  static final class StaticField {
    static final AtomicInteger made = new AtomicInteger();
    static ClutchClient clientOfBeforeAll;
    static ClutchClient clientAtTheEnd;

    @RegisterExtension static final ClutchExtension clutch = numbered(made);

    @BeforeAll
    static void beforeAll(ClutchClient client) {
      clientOfBeforeAll = client;
    }

    @BeforeEach
    void beforeEach(ClutchClient client) {
      assertThat(client.request("which", null, Integer.class)).isEqualTo(1);
    }

    @Test
    @Order(1)
    void leavesMuch(ClutchClient client, Faults faults, TestClock clock, TestWorker worker) {
      assertThat(client).isSameAs(clutch.client()).isSameAs(clientOfBeforeAll);
      assertThat(faults).isSameAs(clutch.faults());
      assertThat(clock).isSameAs(clutch.clock());
      assertThat(worker).isSameAs(clutch.worker());
      faults.always().drop("which");
      clock.advance(Duration.ofSeconds(5));
    }

    @Test
    @Order(2)
    void findsNothingOfIt() {
      // What beforeEach called.
      assertThat(clutch.calls("which")).isEqualTo(new Calls(1, 1, 1));
      assertThat(clutch.clock().elapsed()).isEqualTo(Duration.ofSeconds(5));
    }

    @Nested
    final class Within {
      @Test
      void isTheSameWorker(ClutchClient client) {
        assertThat(client).isSameAs(clientOfBeforeAll);
        assertThat(client.request("which", null, Integer.class)).isEqualTo(1);
      }
    }

    @AfterAll
    static void afterAll(ClutchClient client) {
      assertThat(client.request("which", null, Integer.class)).isEqualTo(1);
      clientAtTheEnd = client;
    }
  }

  @Test
  void aStaticFieldHasOneWorkerForTheClass() {
    run(StaticField.class)
        .testEvents()
        .assertStatistics(statistics -> statistics.started(3).succeeded(3));

    assertThat(StaticField.made).hasValue(1);
    assertThat(Failures.of(() -> StaticField.clientAtTheEnd.request("which", null, Integer.class)))
        .hasMessageContaining("the client was closed");
    assertThatThrownBy(StaticField.clutch::client)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the worker of this ClutchExtension does not run");
  }

  static final class InstanceField {
    static final AtomicInteger made = new AtomicInteger();
    static final List<ClutchClient> clients = new CopyOnWriteArrayList<>();

    @RegisterExtension final ClutchExtension clutch = numbered(made);

    @BeforeEach
    void beforeEach(ClutchClient client) {
      clients.add(client);
      assertThat(clutch.calls("which")).isEqualTo(new Calls(0, 0, 0));
    }

    @Test
    void one() {
      assertThat(clutch.client().request("which", null, Integer.class)).isEqualTo(made.get());
    }

    @Test
    void two() {
      assertThat(clutch.client().request("which", null, Integer.class)).isEqualTo(made.get());
    }
  }

  @Test
  void aFieldThatIsNotStaticHasAWorkerForEachTest() {
    run(InstanceField.class)
        .testEvents()
        .assertStatistics(statistics -> statistics.started(2).succeeded(2));

    assertThat(InstanceField.made).hasValue(2);
    assertThat(InstanceField.clients)
        .hasSize(2)
        .allSatisfy(
            client ->
                assertThat(Failures.of(() -> client.request("which", null, Integer.class)))
                    .hasMessageContaining("the client was closed"));
  }

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static final class InstancePerClass {
    static final AtomicInteger made = new AtomicInteger();

    @RegisterExtension final ClutchExtension clutch = numbered(made);

    @BeforeAll
    void beforeAll(ClutchClient client) {
      client.request("which", null, Integer.class);
    }

    @Test
    void one(ClutchClient client) {
      assertThat(client.request("which", null, Integer.class)).isEqualTo(1);
    }

    @Test
    void two(ClutchClient client) {
      assertThat(client.request("which", null, Integer.class)).isEqualTo(1);
    }
  }

  @Test
  void aTestInstanceForAllTestsHasOneWorker() {
    run(InstancePerClass.class)
        .testEvents()
        .assertStatistics(statistics -> statistics.started(2).succeeded(2));
    assertThat(InstancePerClass.made).hasValue(1);
  }

  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  static final class LeavesCallsBehind {
    static final AtomicInteger made = new AtomicInteger();

    @RegisterExtension static final ClutchExtension clutch = numbered(made);

    @Test
    @Order(1)
    void blocksAllThreads(ClutchClient client) {
      for (int i = 0; i < 10; i++) {
        client.requestBackground("block", null);
      }
      clutch.awaitCalls("block", calls -> calls.running() == 4);
    }

    @Test
    @Order(2)
    void isNotDisturbed(ClutchClient client) {
      assertThat(client.request("which", null, Integer.class)).isEqualTo(2);
      assertThat(clutch.calls("block")).isEqualTo(new Calls(0, 0, 0));
    }
  }

  @Test
  void callsThatATestLeavesBehindDoNotDisturbTheNext() {
    run(LeavesCallsBehind.class)
        .testEvents()
        .assertStatistics(statistics -> statistics.started(2).succeeded(2));
  }

  @Execution(ExecutionMode.CONCURRENT)
  static final class ParallelWithInstanceField {
    static final CyclicBarrier both = new CyclicBarrier(2);

    @RegisterExtension final ClutchExtension clutch = numbered(new AtomicInteger());

    @Test
    void killed(ClutchClient client) throws Exception {
      clutch.faults().kill("which");
      both.await(20, TimeUnit.SECONDS);
      Failures.of(() -> client.request("which", null, Integer.class));
      assertThat(client.request("which", null, Integer.class)).isEqualTo(2);
    }

    @Test
    void undisturbed(ClutchClient client) throws Exception {
      both.await(20, TimeUnit.SECONDS);
      for (int i = 0; i < 50; i++) {
        assertThat(client.request("which", null, Integer.class)).isEqualTo(1);
      }
      assertThat(clutch.clock().elapsed()).isZero();
    }
  }

  @Test
  void testsInParallelWithAnExtensionEachDoNotMeet() {
    run(ParallelWithInstanceField.class)
        .testEvents()
        .assertStatistics(statistics -> statistics.started(2).succeeded(2));
  }

  @Execution(ExecutionMode.CONCURRENT)
  static final class ParallelWithStaticField {
    static volatile CountDownLatch oneHasFailed = new CountDownLatch(1);

    @RegisterExtension static final ClutchExtension clutch = numbered(new AtomicInteger());

    @RegisterExtension
    final org.junit.jupiter.api.extension.AfterEachCallback watcher =
        context -> context.getExecutionException().ifPresent(e -> oneHasFailed.countDown());

    @Test
    void one() throws Exception {
      assertThat(oneHasFailed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void two() throws Exception {
      assertThat(oneHasFailed.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void testsInParallelWithOneExtensionAreAClearError() {
    EngineExecutionResults results = run(ParallelWithStaticField.class);

    results
        .testEvents()
        .assertStatistics(statistics -> statistics.started(2).succeeded(1).failed(1));
    assertThat(failureOf(results))
        .hasMessageContaining("tests that run in parallel want one each")
        .hasMessageContaining("begins while");
  }

  static final class TwoExtensions {
    static final AtomicInteger ofOne = new AtomicInteger();
    static final AtomicInteger ofTwo = new AtomicInteger();

    @RegisterExtension static final ClutchExtension one = numbered(ofOne);
    @RegisterExtension static final ClutchExtension two = numbered(ofTwo);

    @Test
    void areTwoWorkers() {
      one.worker().kill();

      assertThat(one.client().request("which", null, Integer.class)).isEqualTo(2);
      assertThat(two.client().request("which", null, Integer.class)).isEqualTo(1);
    }

    @Test
    void asAParameterItIsNotClearWhich(ClutchClient client) {}
  }

  @Test
  void aClassMayHaveTwo() {
    EngineExecutionResults results = run(TwoExtensions.class);

    results
        .testEvents()
        .assertStatistics(statistics -> statistics.started(2).succeeded(1).failed(1));
    assertThat(failureOf(results)).hasMessageContaining("competing ParameterResolvers");
  }

  static final class FailsToStart {
    static final ClutchExtension unregistered = ClutchExtension.worker(worker -> {});

    @RegisterExtension
    static final ClutchExtension clutch = ClutchExtension.worker(worker -> worker.concurrency(-1));

    @Test
    void never() {}
  }

  @Test
  void aWorkerThatCannotStartFailsTheClassWithItsReason() {
    EngineExecutionResults results = run(FailsToStart.class);

    results.testEvents().assertStatistics(statistics -> statistics.started(0));
    assertThat(
            results.containerEvents().failed().stream()
                .map(ClutchExtensionTest::throwable)
                .findFirst()
                .orElseThrow())
        .hasMessageContaining("concurrency is -1");
  }

  @Test
  void anExtensionThatNobodyRegisteredSaysWhatToDo() {
    assertThatThrownBy(FailsToStart.unregistered::faults)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("@RegisterExtension");
  }

  private static Throwable failureOf(EngineExecutionResults results) {
    return results.testEvents().failed().stream()
        .map(ClutchExtensionTest::throwable)
        .findFirst()
        .orElseThrow();
  }

  private static Throwable throwable(Event event) {
    return event
        .getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
        .getThrowable()
        .orElseThrow();
  }
}
