package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.reflect.TypeToken;
import io.clutch.protocol.Durations;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call to be made: the function, its argument, the type of its result, and options of this one
 * call. Immutable; the {@code with…} methods give a changed copy.
 *
 * @param <T> the type of the result
 */
public final class Request<T> {

  private static final CharMatcher PRINTABLE_ASCII = CharMatcher.inRange(' ', '~');
  private static final ImmutableSet<String> RESERVED_HEADERS =
      ImmutableSet.of(
          "user-agent",
          "content-type",
          "te",
          // HTTP/2 forbids these (RFC 9113, 8.2.2): they would end the connection.
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade",
          "host");

  /** The most that headers may take, as HTTP/2 counts them; a worker accepts 8 KiB in all. */
  private static final int MAX_HEADERS_SIZE = 6 * 1024;

  private final String function;
  private final @Nullable Object argument;
  private final TypeToken<T> type;
  private final @Nullable Duration timeout;
  private final ImmutableMap<String, String> headers;
  private final String callId;
  private final boolean idempotent;
  private final @Nullable Consumer<Progress> onProgress;
  private final @Nullable JobOptions durable;

  private Request(
      String function,
      @Nullable Object argument,
      TypeToken<T> type,
      @Nullable Duration timeout,
      ImmutableMap<String, String> headers,
      String callId,
      boolean idempotent,
      @Nullable Consumer<Progress> onProgress,
      @Nullable JobOptions durable) {
    this.function = function;
    this.argument = argument;
    this.type = type;
    this.timeout = timeout;
    this.headers = headers;
    this.callId = callId;
    this.idempotent = idempotent;
    this.onProgress = onProgress;
    this.durable = durable;
  }

  /** A call whose result is passed over. */
  public static Request<Void> of(String function, @Nullable Object argument) {
    return of(function, argument, Void.class);
  }

  /** A call whose result is a {@code type}. */
  public static <T> Request<T> of(String function, @Nullable Object argument, Class<T> type) {
    return of(function, argument, TypeToken.of(type));
  }

  /** A call whose result is a generic type: {@code new TypeToken<List<Image>>() {}}. */
  public static <T> Request<T> of(String function, @Nullable Object argument, TypeToken<T> type) {
    checkArgument(!function.isEmpty(), "the function's name is empty");
    return new Request<>(
        function, argument, requireNonNull(type), null, ImmutableMap.of(), "", false, null, null);
  }

  /**
   * The deadline of this call, from the moment it is made; for a background call, of its
   * acceptance. Default: the client's.
   *
   * @param timeout more than 0
   */
  public Request<T> withTimeout(Duration timeout) {
    checkTimeout(timeout);
    return new Request<>(
        function, argument, type, timeout, headers, callId, idempotent, onProgress, durable);
  }

  /**
   * A header, which the function finds in {@code Call.headers()}. Where the client sends a trace
   * along, the headers of that replace those of the same names.
   *
   * @param name ASCII letters, digits, '-', '_' and '.'; case does not matter; not a name of gRPC's
   *     own ({@code grpc-…}) nor one for binary values ({@code …-bin})
   * @param value printable ASCII
   */
  public Request<T> withHeader(String name, String value) {
    String lowerCase = name.toLowerCase(Locale.ROOT);
    checkArgument(
        !lowerCase.startsWith("grpc-")
            && !lowerCase.endsWith(Metadata.BINARY_HEADER_SUFFIX)
            && !RESERVED_HEADERS.contains(lowerCase),
        "header '%s' is not free: gRPC or HTTP/2 uses it, or its value would be binary",
        name);
    // Rejects what is no name of a header.
    Metadata.Key<String> unused = Metadata.Key.of(lowerCase, Metadata.ASCII_STRING_MARSHALLER);
    checkArgument(
        PRINTABLE_ASCII.matchesAllOf(value),
        "the value of header '%s' is not printable ASCII",
        name);
    ImmutableMap<String, String> more =
        ImmutableMap.<String, String>builder()
            .putAll(headers)
            .put(lowerCase, value)
            .buildKeepingLast();
    int size =
        more.entrySet().stream()
            .mapToInt(header -> header.getKey().length() + header.getValue().length() + 32)
            .sum();
    checkArgument(
        size <= MAX_HEADERS_SIZE,
        "with '%s' the headers take %s bytes: want at most %s",
        name,
        size,
        MAX_HEADERS_SIZE);
    return new Request<>(
        function, argument, type, timeout, more, callId, idempotent, onProgress, durable);
  }

  /**
   * An id of one's own, for the worker's logs and {@code Call.id()}. Default: the worker makes one.
   */
  public Request<T> withCallId(String callId) {
    return new Request<>(
        function,
        argument,
        type,
        timeout,
        headers,
        requireNonNull(callId),
        idempotent,
        onProgress,
        durable);
  }

  /**
   * The function may run twice for this call without harm. So the call is sent again when the
   * process that had it is lost, though the function may have run there. When three were lost over
   * it, it has failed, for the call itself may be what ends the processes.
   */
  public Request<T> idempotent() {
    return new Request<>(
        function, argument, type, timeout, headers, callId, true, onProgress, durable);
  }

  /**
   * What hears how far the function has come, where it says so: in order, on a thread of the
   * client's, and not after the call has ended. What it throws is logged. It hears nothing where
   * the call goes without a {@linkplain ClutchClient.Builder#callStreams call stream}, or runs in
   * the background. Where a call that is {@linkplain #idempotent() idempotent} runs again, it
   * begins again.
   */
  public Request<T> onProgress(Consumer<Progress> onProgress) {
    return new Request<>(
        function,
        argument,
        type,
        timeout,
        headers,
        callId,
        idempotent,
        requireNonNull(onProgress),
        durable);
  }

  /** {@link #durable(JobOptions)} with {@link JobOptions#DEFAULT}. */
  public Request<T> durable() {
    return durable(JobOptions.DEFAULT);
  }

  /**
   * A durable call in the background, a job, for {@link ClutchClient#requestBackground(Request)}
   * and the like: accepted once it is on disk, it runs at least once, though processes and machines
   * go down. What it is accepted under is the job's id. Until its deadline it is sent again
   * whatever became of the attempt before: the same id is accepted once.
   */
  public Request<T> durable(JobOptions options) {
    return new Request<>(
        function,
        argument,
        type,
        timeout,
        headers,
        callId,
        idempotent,
        onProgress,
        requireNonNull(options));
  }

  Request<T> withArgument(@Nullable Object argument) {
    return new Request<>(
        function, argument, type, timeout, headers, callId, idempotent, onProgress, durable);
  }

  /** The function's name. */
  public String function() {
    return function;
  }

  /** The function's argument; null is no value. */
  public @Nullable Object argument() {
    return argument;
  }

  /** The type of the result. */
  public TypeToken<T> type() {
    return type;
  }

  /** The deadline of this call; empty is the client's. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /** The headers, by lower-case name. */
  public ImmutableMap<String, String> headers() {
    return headers;
  }

  /** The caller's own id; empty where the worker makes one. */
  public String callId() {
    return callId;
  }

  /** Whether the function may run twice for this call. */
  public boolean isIdempotent() {
    return idempotent;
  }

  /** What hears how far the function has come. */
  public Optional<Consumer<Progress>> onProgress() {
    return Optional.ofNullable(onProgress);
  }

  /** How it is kept and run as a job; empty where it is not durable. */
  public Optional<JobOptions> jobOptions() {
    return Optional.ofNullable(durable);
  }

  static void checkTimeout(Duration timeout) {
    checkArgument(
        timeout.compareTo(Duration.ZERO) > 0 && timeout.compareTo(Durations.LONGEST) <= 0,
        "timeout is %s: want more than 0 and at most 100 years",
        timeout);
  }
}
