package io.clutch.worker;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.v1.Payload;
import io.clutch.worker.internal.dispatch.Task;
import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One call of one function, from its acceptance to its one outcome. */
final class FunctionCall implements Task {

  /** What is needed to run calls, the same for all of them. */
  record Engine(Invoker invoker, @Nullable Duration timeLimit, ScheduledExecutorService timer) {}

  private final Engine engine;
  private final FunctionDefinition function;
  private final Payload argument;
  private final String id;
  private final boolean background;
  private final Caller caller;
  private final Context context;
  private final Answer answer;
  private final AtomicBoolean answered = new AtomicBoolean();

  /** While it runs: what calls made in the function see, cancelled when this call is. */
  private volatile Context.@Nullable CancellableContext runContext;

  /**
   * @param context carries the caller's deadline, and is cancelled when the caller has gone
   */
  FunctionCall(
      Engine engine,
      FunctionDefinition function,
      Payload argument,
      String id,
      boolean background,
      Caller caller,
      Context context,
      Answer answer) {
    this.engine = engine;
    this.function = function;
    this.argument = argument;
    this.id = id;
    this.background = background;
    this.caller = caller;
    this.context = context;
    this.answer = answer;
  }

  FunctionDefinition function() {
    return function;
  }

  String id() {
    return id;
  }

  boolean isBackground() {
    return background;
  }

  Caller caller() {
    return caller;
  }

  Invoker invoker() {
    return engine.invoker();
  }

  @Override
  public void run() {
    // The timer that would have dropped it from the queue may be late.
    Deadline deadline = context.getDeadline();
    if (deadline != null && deadline.isExpired()) {
      fail(
          ClutchException.notStarted(
              Reason.DEADLINE_EXCEEDED, "the caller's deadline passed in the queue"));
      return;
    }
    Duration timeLimit = engine.timeLimit();
    Context.CancellableContext running =
        timeLimit == null || (function.isInline() && !background)
            ? context.withCancellation()
            : context.withDeadlineAfter(timeLimit.toNanos(), TimeUnit.NANOSECONDS, engine.timer());
    runContext = running;
    Context previous = running.attach();
    try {
      Payload result =
          invoker().invoke(function, argument, new RunningCall(this, running, function, 0));
      if (answered.compareAndSet(false, true)) {
        answer.result(result);
      }
    } catch (ClutchException e) {
      fail(e);
    } finally {
      running.detach(previous);
      running.cancel(null);
    }
  }

  @Override
  public void dropped(ClutchException why) {
    fail(why);
  }

  @Override
  public void cancelled(ClutchException why) {
    fail(why);
    Context.CancellableContext running = runContext;
    if (running != null) {
      running.cancel(why);
    }
  }

  private void fail(ClutchException why) {
    if (answered.compareAndSet(false, true)) {
      answer.failure(why);
    }
  }
}
