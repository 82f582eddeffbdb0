package io.clutch.testing;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.client.ClutchClient;
import io.clutch.worker.Worker;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Brings a {@link TestWorker} to the tests of a class of JUnit 5.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final ClutchExtension clutch =
 *     ClutchExtension.worker(worker -> worker.functions(new ThumbnailFunctions()));
 *
 * @Test
 * void scales(ClutchClient client) {
 *   assertThat(client.request("thumbnail", image, Image.class)).isEqualTo(small);
 * }
 * }</pre>
 *
 * <p>In a static field it starts one worker for all tests of the class, and {@linkplain
 * TestWorker#reset resets} it after each of them; in one that is not static, one for each test.
 * Tests of one class that run in parallel want one that is not static.
 *
 * <p>Test methods may take a {@link ClutchClient}, a {@link TestClock}, {@link Faults} or the
 * {@link TestWorker} as parameters.
 */
public final class ClutchExtension
    implements BeforeAllCallback,
        AfterAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        ParameterResolver {

  private static final ImmutableMap<Class<?>, Function<TestWorker, Object>> PARAMETERS =
      ImmutableMap.of(
          ClutchClient.class, TestWorker::client,
          TestClock.class, TestWorker::clock,
          Faults.class, TestWorker::faults,
          TestWorker.class, worker -> worker);

  private final TestWorker.Builder builder;

  /** Written under the lock. */
  private volatile @Nullable TestWorker running;

  /** How many classes, one within the other, it is used for. */
  @GuardedBy("this")
  private int classes;

  /** The test that runs; null between two of them. */
  @GuardedBy("this")
  private @Nullable ExtensionContext test;

  private ClutchExtension(TestWorker.Builder builder) {
    this.builder = builder;
  }

  /**
   * With a worker.
   *
   * @param description gives the worker its functions and options; its address is passed over
   */
  public static ClutchExtension worker(Consumer<? super Worker.Builder> description) {
    return of(TestWorker.builder().worker(description));
  }

  /**
   * With a worker that has options of its own.
   *
   * @param builder describes it; not to be changed any more
   */
  public static ClutchExtension of(TestWorker.Builder builder) {
    return new ClutchExtension(requireNonNull(builder));
  }

  /**
   * The worker.
   *
   * @throws IllegalStateException where it does not run now
   */
  public TestWorker worker() {
    TestWorker worker = running;
    checkState(
        worker != null,
        "the worker of this ClutchExtension does not run: it does from @BeforeAll on where the"
            + " extension is in a static field with @RegisterExtension, from @BeforeEach on where"
            + " that is not static, until the last test has ended");
    return worker;
  }

  /** {@link TestWorker#client}. */
  public ClutchClient client() {
    return worker().client();
  }

  /** {@link TestWorker#clock}. */
  public TestClock clock() {
    return worker().clock();
  }

  /** {@link TestWorker#faults}. */
  public Faults faults() {
    return worker().faults();
  }

  /** {@link TestWorker#calls}. */
  public Calls calls(String function) {
    return worker().calls(function);
  }

  /** {@link TestWorker#awaitCalls}. */
  @CanIgnoreReturnValue
  public Calls awaitCalls(String function, Predicate<? super Calls> wanted) {
    return worker().awaitCalls(function, wanted);
  }

  @Override
  public synchronized void beforeAll(ExtensionContext context) {
    if (running == null) {
      running = builder.start();
    }
    classes++;
  }

  @Override
  public synchronized void beforeEach(ExtensionContext context) {
    checkState(
        test == null,
        "%s begins while %s still runs, with the same ClutchExtension: tests that run in parallel"
            + " want one each, in a field that is not static",
        context.getDisplayName(),
        test == null ? "none" : test.getDisplayName());
    if (running == null) {
      running = builder.start();
    }
    test = context;
  }

  @Override
  public synchronized void afterEach(ExtensionContext context) {
    TestWorker worker = running;
    if (worker == null || test == null || !test.getUniqueId().equals(context.getUniqueId())) {
      return; // It did not begin, either.
    }
    test = null;
    if (classes == 0) {
      running = null;
      worker.close();
    } else {
      worker.reset();
    }
  }

  @Override
  public synchronized void afterAll(ExtensionContext context) {
    TestWorker worker = running;
    if (worker == null || --classes > 0) {
      return;
    }
    running = null;
    worker.close();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return PARAMETERS.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return requireNonNull(PARAMETERS.get(parameter.getParameter().getType())).apply(worker());
  }
}
