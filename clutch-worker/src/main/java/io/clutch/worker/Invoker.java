package io.clutch.worker;

import com.google.common.reflect.TypeToken;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ConversionException;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import io.grpc.Context;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one function on this thread, payload in, payload out. Thread-safe. */
final class Invoker {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final FunctionTable functions;
  private final PayloadCodec codec;
  private final int maxMessageSize;
  private final @Nullable FunctionInterceptor interceptor;
  private final Consumer<Error> onFatalError;

  /**
   * @param maxMessageSize the largest payload, in bytes
   * @param interceptor is run around each function; null where there is none
   * @param onFatalError is told of errors after which the JVM cannot be trusted; returns at once
   */
  Invoker(
      FunctionTable functions,
      PayloadCodec codec,
      int maxMessageSize,
      @Nullable FunctionInterceptor interceptor,
      Consumer<Error> onFatalError) {
    this.functions = functions;
    this.codec = codec;
    this.maxMessageSize = maxMessageSize;
    this.interceptor = interceptor;
    this.onFatalError = onFatalError;
  }

  FunctionTable functions() {
    return functions;
  }

  PayloadCodec codec() {
    return codec;
  }

  /**
   * Runs {@code function}.
   *
   * @throws ClutchException in every case but a result
   */
  Payload invoke(FunctionDefinition function, Payload argument, Call call) {
    try {
      Object value = decode(function, argument);
      return encode(function, run(function, value, call));
    } catch (Error e) {
      log.warn("function '{}' failed with an error", function.name(), e);
      if (isFatal(e)) {
        onFatalError.accept(e);
      }
      throw failed(function, e);
    }
  }

  private @Nullable Object run(FunctionDefinition function, @Nullable Object value, Call call) {
    Context context = CurrentCall.with(call);
    Context previous = context.attach();
    try {
      return interceptor == null
          ? function.call(value, call)
          : interceptor.run(call, () -> function.call(value, call));
    } catch (Exception e) {
      throw failed(function, e);
    } finally {
      context.detach(previous);
    }
  }

  /**
   * Refuses an argument that is too large.
   *
   * @throws ClutchException MESSAGE_TOO_LARGE
   */
  void checkSize(FunctionDefinition function, Payload argument) {
    checkSize(function, PayloadCodec.size(argument));
  }

  /** {@link #checkSize} of an argument that is still to come. */
  void checkSize(FunctionDefinition function, long size) {
    if (size > maxMessageSize || size < 0) {
      throw tooLarge(function, "argument", size, Started.NO);
    }
  }

  private @Nullable Object decode(FunctionDefinition function, Payload argument) {
    if (function.argumentType() == Void.class && !PayloadCodec.isEmpty(argument)) {
      throw badArguments(function, "it takes no argument", null);
    }
    try {
      return codec.decode(argument, function.argumentType());
    } catch (ConversionException e) {
      throw badArguments(function, String.valueOf(e.getMessage()), e);
    }
  }

  private Payload encode(FunctionDefinition function, @Nullable Object result) {
    Payload payload;
    try {
      payload = codec.encode(result);
    } catch (ConversionException e) {
      throw ClutchException.builder(
              Reason.BAD_RESULT,
              Started.YES,
              "the result of function '%s' has no payload: %s"
                  .formatted(function.name(), e.getMessage()))
          .detail(ClutchException.FUNCTION, function.name())
          .cause(e)
          .build();
    }
    int size = PayloadCodec.size(payload);
    if (size > maxMessageSize) {
      throw tooLarge(function, "result", size, Started.YES);
    }
    return payload;
  }

  private ClutchException tooLarge(
      FunctionDefinition function, String what, long size, Started started) {
    return ClutchException.builder(
            Reason.MESSAGE_TOO_LARGE,
            started,
            "the %s of function '%s' has %s bytes; the worker's maxMessageSize is %d"
                .formatted(what, function.name(), Long.toUnsignedString(size), maxMessageSize))
        .detail(ClutchException.FUNCTION, function.name())
        .build();
  }

  private static ClutchException badArguments(
      FunctionDefinition function, String problem, @Nullable Exception cause) {
    ClutchException.Builder failure =
        ClutchException.builder(
                Reason.BAD_ARGUMENTS,
                Started.NO,
                "the argument does not fit function '%s', which takes %s: %s"
                    .formatted(function.name(), name(function), problem))
            .detail(ClutchException.FUNCTION, function.name());
    return cause == null ? failure.build() : failure.cause(cause).build();
  }

  private static String name(FunctionDefinition function) {
    return function.argumentType() == Void.class
        ? "nothing"
        : TypeToken.of(function.argumentType()).toString();
  }

  private static ClutchException failed(FunctionDefinition function, Throwable thrown) {
    String type = thrown.getClass().getName();
    String problem = type;
    if (thrown instanceof ClutchException inner) {
      if (inner.reason() == Reason.CASCADE_TOO_DEEP) {
        return inner;
      }
      problem = String.valueOf(inner.getMessage());
      type = inner.details().getOrDefault(ClutchException.EXCEPTION, type);
    } else if (thrown.getMessage() != null) {
      problem = "%s (%s)".formatted(thrown.getMessage(), type);
    }
    return ClutchException.builder(
            Reason.FUNCTION_FAILED,
            Started.YES,
            "function '%s' failed: %s".formatted(function.name(), problem))
        .detail(ClutchException.FUNCTION, function.name())
        .detail(ClutchException.EXCEPTION, type)
        .cause(thrown)
        .build();
  }

  /** An overflown stack is unwound and sound again; out of memory or a broken JVM is not. */
  private static boolean isFatal(Error error) {
    return error instanceof VirtualMachineError && !(error instanceof StackOverflowError);
  }
}
