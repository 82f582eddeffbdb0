package io.clutch.worker;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.reflect.TypeToken;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ConversionException;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.security.Identity;
import io.clutch.v1.Payload;
import io.clutch.worker.internal.telemetry.CallRecord.FunctionRecord;
import io.grpc.Context;
import io.grpc.Deadline;
import java.lang.reflect.Type;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call as its function sees it; a cascade has one of its own over the same {@link FunctionCall}.
 */
final class RunningCall implements Call {

  /** How deep functions may call each other, so that a recursion without end is a clear error. */
  static final int MAX_CASCADE_DEPTH = 64;

  private final FunctionCall call;
  private final Context context;
  private final FunctionDefinition function;
  private final int depth;

  /** The one that the cascade began with. */
  private final RunningCall outermost;

  /** Of the outermost one: null before somebody asked, and where there is none. */
  @GuardedBy("this")
  private @Nullable Instant deadline;

  RunningCall(FunctionCall call, Context context, FunctionDefinition function) {
    this.call = call;
    this.context = context;
    this.function = function;
    this.depth = 0;
    this.outermost = this;
  }

  private RunningCall(RunningCall caller, FunctionDefinition function) {
    this.call = caller.call;
    this.context = caller.context;
    this.function = function;
    this.depth = caller.depth + 1;
    this.outermost = caller.outermost;
  }

  @Override
  public String function() {
    return function.name();
  }

  @Override
  public String id() {
    return call.id();
  }

  @Override
  public boolean isBackground() {
    return call.isBackground();
  }

  @Override
  public Optional<String> jobId() {
    return Optional.ofNullable(call.job()).map(JobAttempt::jobId);
  }

  @Override
  public int attempt() {
    JobAttempt attempt = call.job();
    return attempt == null ? 1 : attempt.number();
  }

  @Override
  public Optional<Instant> deadline() {
    return outermost.ownDeadline();
  }

  private synchronized Optional<Instant> ownDeadline() {
    Deadline end = context.getDeadline();
    if (deadline == null && end != null) {
      deadline = call.clock().instant().plusNanos(end.timeRemaining(TimeUnit.NANOSECONDS));
    }
    return Optional.ofNullable(deadline);
  }

  @Override
  public boolean isCancelled() {
    return context.isCancelled();
  }

  @Override
  public Optional<SocketAddress> peer() {
    return Optional.ofNullable(call.caller().peer());
  }

  @Override
  public Identity identity() {
    return call.identity();
  }

  @Override
  public ImmutableMap<String, String> headers() {
    return call.caller().headers();
  }

  @Override
  public void progress(long done, long total, String note) {
    checkArgument(done >= 0 && total >= 0, "progress is %s of %s", done, total);
    call.progress(done, total, note);
  }

  @Override
  public <T> @Nullable T cascade(String name, @Nullable Object argument, Class<T> type) {
    return cascade(name, argument, TypeToken.of(type));
  }

  @Override
  public <T> @Nullable T cascade(String name, @Nullable Object argument, TypeToken<T> type) {
    Object result = cascade(name, argument, type.getType());
    @SuppressWarnings("unchecked") // the codec gives a value of that type, or null
    T typed = (T) result;
    return typed;
  }

  private @Nullable Object cascade(String name, @Nullable Object argument, Type type) {
    if (depth == MAX_CASCADE_DEPTH) {
      throw tooDeep(name);
    }
    if (isCancelled()) {
      throw ClutchException.notStarted(
          Reason.CANCELLED, "the call '%s' was cancelled or its time ran out".formatted(id()));
    }
    FunctionDefinition target = call.invoker().functions().get(name);
    RunningCall cascaded = new RunningCall(this, target);
    PayloadCodec codec = call.invoker().codec();
    Payload result = invoke(target, encode(codec, name, argument), cascaded);
    try {
      return codec.decode(result, type);
    } catch (ConversionException e) {
      throw ClutchException.builder(
              Reason.BAD_RESULT,
              Started.YES,
              "the result of function '%s' does not fit: %s".formatted(name, e.getMessage()))
          .cause(e)
          .build();
    }
  }

  private Payload invoke(FunctionDefinition target, Payload argument, RunningCall cascaded) {
    FunctionRecord run = call.telemetry().cascades(target.name());
    ClutchException failure = null;
    try {
      return call.invoker().invoke(target, argument, cascaded);
    } catch (ClutchException e) {
      failure = e;
      throw e;
    } finally {
      run.left(failure);
    }
  }

  private static Payload encode(PayloadCodec codec, String name, @Nullable Object argument) {
    try {
      return codec.encode(argument);
    } catch (ConversionException e) {
      throw ClutchException.builder(
              Reason.BAD_ARGUMENTS,
              Started.NO,
              "the argument for function '%s' has no payload: %s".formatted(name, e.getMessage()))
          .cause(e)
          .build();
    }
  }

  private ClutchException tooDeep(String name) {
    return ClutchException.builder(
            Reason.CASCADE_TOO_DEEP,
            Started.YES,
            "functions have called each other %d times; '%s' would be one more"
                .formatted(MAX_CASCADE_DEPTH, name))
        .detail(ClutchException.FUNCTION, name)
        .build();
  }
}
