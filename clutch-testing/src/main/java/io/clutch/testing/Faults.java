package io.clutch.testing;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What goes wrong with calls of a {@link TestWorker}, background calls included. Each fault is for
 * the next call of a function, unless {@link #next} or {@link #always} says otherwise:
 *
 * <pre>{@code
 * faults.kill("thumbnail");                                  // the next call
 * faults.next(3).refuse("thumbnail", Reason.QUEUE_FULL);     // the next three
 * faults.always().delay(Faults.ANY, Duration.ofMillis(200)); // all calls of all functions
 * }</pre>
 *
 * <p>They come in the order in which they were planned. A request meets one of {@link #delay},
 * {@link #drop}, {@link #dropAnswer} and {@link #refuse} at most, the run of the function one of
 * {@link #kill} and {@link #fail}; a cascade is a run, but no request. A call that is sent again
 * counts again. All are taken back at the end of each test. Thread-safe.
 */
public final class Faults {

  /** In place of a function's name: any function of the worker. */
  public static final String ANY = "\0any";

  private static final ImmutableSet<Reason> OF_STARTED_ONES =
      Sets.immutableEnumSet(
          Reason.FUNCTION_FAILED,
          Reason.FUNCTION_TIMEOUT,
          Reason.BAD_RESULT,
          Reason.CASCADE_TOO_DEEP);

  private final FaultPlan plan;
  private final Consumer<String> checkName;
  private final int calls;

  /**
   * @param checkName throws where there is no function of that name
   */
  Faults(FaultPlan plan, Consumer<String> checkName) {
    this(plan, checkName, 1);
  }

  private Faults(FaultPlan plan, Consumer<String> checkName, int calls) {
    this.plan = plan;
    this.checkName = checkName;
    this.calls = calls;
  }

  /**
   * The same worker's faults, for its next calls.
   *
   * @param calls how many; 1 or more
   */
  public Faults next(int calls) {
    checkArgument(calls >= 1, "next(%s): want 1 call or more", calls);
    return new Faults(plan, checkName, calls);
  }

  /** The same worker's faults, for all calls until {@link #clear}. */
  public Faults always() {
    return new Faults(plan, checkName, FaultPlan.ALWAYS);
  }

  /**
   * Holds the request back before the worker takes it. It waits for the clock: see {@link
   * TestClock#advance} and {@link TestClock#autoAdvance}.
   *
   * @param duration 0 or more
   */
  public void delay(String function, Duration duration) {
    checkArgument(
        !duration.isNegative() && duration.compareTo(Durations.LONGEST) <= 0,
        "the delay is %s: want 0 or more, at most 100 years",
        duration);
    add(function, new Fault.Delay(duration));
  }

  /**
   * Swallows the request: the function does not run, and the caller hears nothing until its
   * deadline. It waits for the clock: see {@link TestClock#advance} and {@link
   * TestClock#autoAdvance}.
   */
  public void drop(String function) {
    add(function, new Fault.Drop());
  }

  /** Runs the function and swallows the answer: the caller hears nothing until its deadline. */
  public void dropAnswer(String function) {
    add(function, new Fault.DropAnswer());
  }

  /**
   * The worker does not take the call, as it were for {@code reason}; the function does not run.
   * The client sends the call again where that may help, as always.
   *
   * @param reason such as QUEUE_FULL or DRAINING
   * @throws IllegalArgumentException where it is one that only a started function ends with
   */
  public void refuse(String function, Reason reason) {
    checkArgument(
        !OF_STARTED_ONES.contains(reason),
        "no worker refuses a call for %s: want a reason for which its function is not started, such"
            + " as QUEUE_FULL; fail() makes the function throw",
        reason);
    add(
        function,
        new Fault.Refuse(
            ClutchException.notStarted(reason, "refused by a test (%s)".formatted(reason))));
  }

  /**
   * The function has started, and the worker is lost: as if its process had died, its connections
   * break and all its calls are lost, whatever function they are of. Their callers get UNAVAILABLE,
   * and that the function may have been started. When the new worker, described by the same code,
   * serves at the old one's place, the old one's functions go on with their threads interrupted:
   * what runs until they notice is what a crash may have let happen.
   */
  public void kill(String function) {
    add(function, new Fault.Kill());
  }

  /** The function throws {@code thrown} instead of running: its caller gets FUNCTION_FAILED. */
  public void fail(String function, Exception thrown) {
    add(function, new Fault.Fail(requireNonNull(thrown)));
  }

  /** Takes all faults back. Calls that wait because of one go on waiting. */
  public void clear() {
    plan.clear();
  }

  /** Takes back those that were planned for {@code function}, or for {@link #ANY}. */
  public void clear(String function) {
    check(function);
    plan.clear(function);
  }

  private void add(String function, Fault fault) {
    check(function);
    plan.add(function, fault, calls);
  }

  private void check(String function) {
    if (!function.equals(ANY)) {
      checkName.accept(function);
    }
  }
}
