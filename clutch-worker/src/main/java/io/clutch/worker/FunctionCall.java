package io.clutch.worker;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.TimeSource;
import io.clutch.security.Identity;
import io.clutch.v1.Payload;
import io.clutch.worker.internal.dispatch.Task;
import io.clutch.worker.internal.permits.Permits;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.clutch.worker.internal.telemetry.CallRecord.FunctionRecord;
import io.clutch.worker.internal.telemetry.CallTelemetry;
import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of one function, from its acceptance to its one outcome. */
final class FunctionCall implements Task {

  /** What is needed to run calls, the same for all of them. */
  record Engine(
      Invoker invoker,
      @Nullable Duration timeLimit,
      TimeSource time,
      CallTelemetry telemetry,
      Permits permits) {}

  /**
   * What is asked for, by whom.
   *
   * @param deadline the caller's; null where there is none
   * @param job which job's attempt it is; null where it is none
   */
  record Asked(
      FunctionDefinition function,
      Payload argument,
      String id,
      boolean background,
      Caller caller,
      Identity identity,
      @Nullable Deadline deadline,
      @Nullable JobAttempt job) {

    /** What is no job. */
    Asked(
        FunctionDefinition function,
        Payload argument,
        String id,
        boolean background,
        Caller caller,
        Identity identity,
        @Nullable Deadline deadline) {
      this(function, argument, id, background, caller, identity, deadline, null);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final Engine engine;
  private final Asked asked;
  private final Context context;
  private final Answer answer;
  private final CallRecord record;
  private final AtomicBoolean answered = new AtomicBoolean();

  /** While it runs: what calls made in the function see, cancelled when this call is. */
  private volatile Context.@Nullable CancellableContext runContext;

  /** Why it was cancelled; that may come when its thread has not got to {@link #runContext} yet. */
  private volatile @Nullable ClutchException cancellation;

  /**
   * @param context is cancelled when the caller has gone, or ends on its own
   * @param record is told of what becomes of it
   */
  FunctionCall(Engine engine, Asked asked, Context context, Answer answer, CallRecord record) {
    this.engine = engine;
    this.asked = asked;
    this.context = context;
    this.answer = answer;
    this.record = record;
  }

  FunctionDefinition function() {
    return asked.function();
  }

  String id() {
    return asked.id();
  }

  boolean isBackground() {
    return asked.background();
  }

  Caller caller() {
    return asked.caller();
  }

  Identity identity() {
    return asked.identity();
  }

  Payload argument() {
    return asked.argument();
  }

  /** Which job's attempt it is; null where it is none. */
  @Nullable JobAttempt job() {
    return asked.job();
  }

  /** Its caller's; null where there is none. */
  @Nullable Deadline deadline() {
    return asked.deadline();
  }

  CallRecord telemetry() {
    return record;
  }

  Invoker invoker() {
    return engine.invoker();
  }

  InstantSource clock() {
    return engine.time();
  }

  @Override
  public void waits() {
    record.waits();
  }

  @Override
  public Runnable run() {
    // The timer that would have dropped it from the queue may be late.
    Deadline deadline = asked.deadline();
    if (deadline != null && deadline.isExpired()) {
      return () ->
          fail(
              ClutchException.notStarted(
                  Reason.DEADLINE_EXCEEDED, "the caller's deadline passed in the queue"));
    }
    Context.CancellableContext running = newRunContext();
    runContext = running;
    cancelIfAsked();
    Context previous = running.attach();
    try {
      return invoke(running);
    } catch (Throwable e) {
      // The top of the function thread: the caller must have an answer, though the application's
      // span processors throw.
      ClutchException defect = defect(e);
      return () -> fail(defect);
    } finally {
      running.detach(previous);
      running.cancel(null);
    }
  }

  /** Whoever watches the deadline, and the time limit, cancels this call: no timer for each. */
  private Context.CancellableContext newRunContext() {
    Deadline end = asked.deadline();
    Duration timeLimit = engine.timeLimit();
    if (timeLimit != null && (asked.background() || !function().isInline())) {
      Deadline limit = Deadline.after(timeLimit.toNanos(), NANOSECONDS, engine.time().ticker());
      end = end == null ? limit : end.minimum(limit);
    }
    return end == null ? context.withCancellation() : context.withDeadline(end, NoTimer.INSTANCE);
  }

  private Runnable invoke(Context running) {
    FunctionDefinition function = asked.function();
    FunctionRecord run = record.enters(function.name());
    ClutchException failure = null;
    long begun = System.nanoTime();
    try {
      RunningCall call = new RunningCall(this, running, function);
      Payload result = invoker().invoke(function, asked.argument(), call);
      return () -> succeed(result);
    } catch (ClutchException e) {
      ClutchException why = consequence(e, running);
      ClutchException cancelled = cancellation;
      failure = cancelled == null ? why : cancelled;
      ClutchException told = asked.job() == null ? why : failure;
      return () -> fail(told);
    } catch (Throwable e) {
      ClutchException defect = defect(e);
      failure = defect;
      return () -> fail(defect);
    } finally {
      long nanos = System.nanoTime() - begun;
      function.runTime().ran(nanos);
      engine.permits().ran(nanos);
      run.left(failure);
    }
  }

  private ClutchException defect(Throwable e) {
    log.error("call {} of '{}' met a defect", id(), function().name(), e);
    return ClutchException.builder(Reason.INTERNAL, Started.YES, "the call met a defect: " + e)
        .cause(e)
        .build();
  }

  /** What a function fails with when its time is up follows from that, such as a call it made. */
  private ClutchException consequence(ClutchException failure, Context running) {
    Deadline end = running.getDeadline();
    if (failure.reason() != Reason.FUNCTION_FAILED || end == null || !end.isExpired()) {
      return failure;
    }
    Deadline callers = asked.deadline();
    boolean isOwn = callers == null || end.isBefore(callers);
    return ClutchException.builder(
            isOwn ? Reason.FUNCTION_TIMEOUT : Reason.DEADLINE_EXCEEDED,
            Started.YES,
            "%s, and %s"
                .formatted(
                    isOwn
                        ? "the function ran longer than the worker's timeout of "
                            + engine.timeLimit()
                        : "the caller's deadline passed",
                    failure.getMessage()))
        .details(failure.details())
        .cause(failure)
        .build();
  }

  @Override
  public boolean isOverdue(Duration grace) {
    Deadline deadline = asked.deadline();
    return deadline != null && deadline.timeRemaining(NANOSECONDS) < -grace.toNanos();
  }

  @Override
  public void dropped(ClutchException why) {
    fail(why);
  }

  @Override
  public void cancelled(ClutchException why) {
    // What is no job has somebody who waits. A job's outcome is known when its function has ended,
    // so
    // that no two attempts run beside each other; unless the process is about to end.
    if (asked.job() == null || why.reason() == Reason.UNAVAILABLE) {
      fail(why);
    }
    cancellation = why;
    cancelIfAsked();
  }

  private void cancelIfAsked() {
    Context.CancellableContext running = runContext;
    ClutchException why = cancellation;
    if (running != null && why != null) {
      running.cancel(why);
    }
  }

  void progress(long done, long total, String note) {
    if (!answered.get()) {
      answer.progress(done, total, note);
    }
  }

  /** Ends it with a result, made here or by a sibling, unless it has ended. */
  void succeed(Payload result) {
    if (answered.compareAndSet(false, true)) {
      // Before the answer, so that it is told when whoever gets that ends the process.
      try {
        record.ended(null);
      } finally {
        answer.result(result);
      }
    }
  }

  /** Ends it with a failure, likewise. */
  void fail(ClutchException why) {
    if (answered.compareAndSet(false, true)) {
      try {
        if (answer.isReturn(why)) {
          record.returned();
        } else {
          record.ended(why);
        }
      } finally {
        answer.failure(why);
      }
    }
  }
}
