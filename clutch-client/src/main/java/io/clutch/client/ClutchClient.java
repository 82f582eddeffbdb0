package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.reflect.TypeToken;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.client.internal.balance.BalanceConfig;
import io.clutch.client.internal.stream.OutgoingCall;
import io.clutch.client.internal.telemetry.CallRecord;
import io.clutch.client.internal.telemetry.CallTelemetry;
import io.clutch.contract.ClutchFunction;
import io.clutch.contract.Contract;
import io.clutch.contract.ContractMismatchException;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ConversionException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.PayloadConverter;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.TimeOrderedIds;
import io.clutch.protocol.TimeSource;
import io.clutch.security.TlsFiles;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.Job;
import io.clutch.v1.Payload;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Calls functions in worker processes.
 *
 * <pre>{@code
 * try (ClutchClient client = ClutchClient.builder().servers("127.0.0.1:9501").build()) {
 *   String greeting = client.request("greet", "World", String.class);
 * }
 * }</pre>
 *
 * <p>Every call ends by its deadline, with a result or a {@link ClutchException}. A call that no
 * worker has started (none could be reached, or it was refused) is sent again until then, after
 * pauses that grow; one that may have been started only where it is {@linkplain
 * Request#idempotent() idempotent}. A call made inside a function of a worker never outlives that
 * function's own time.
 *
 * <p>Thread-safe; a program needs one. It connects when the first call is made.
 */
public final class ClutchClient implements AutoCloseable {

  /** Asks a worker what it serves. */
  private static final OutgoingCall DESCRIBE =
      new OutgoingCall("", Payload.getDefaultInstance(), "", ImmutableMap.of(), false, null);

  private final PayloadCodec codec;
  private final Duration timeout;
  private final int maxMessageSize;
  private final int maxOutstanding;
  private final Channels channels;
  private final Ways ways;
  private final JobQuestions jobs;
  private final TimeOrderedIds jobIds;
  private final CallTelemetry telemetry;
  private final CallTelemetry.Registration observed;

  private ClutchClient(Builder builder) {
    this.codec = PayloadCodec.withFirst(builder.converters);
    this.timeout = builder.timeout;
    this.maxMessageSize = builder.maxMessageSize;
    this.maxOutstanding = builder.maxOutstanding;
    this.telemetry = CallTelemetry.of(builder.openTelemetry);
    ConnectionOptions options =
        new ConnectionOptions(
            builder.balancePolicy,
            new BalanceConfig(
                builder.connectionsPerServer,
                builder.maxConnectionsPerServer,
                builder.connectTimeout),
            builder.keepAlive,
            builder.directExecutor,
            builder.maxMessageSize,
            builder.tls,
            builder.token,
            builder.authority);
    ManagedChannelBuilder<?> channel = builder.channel;
    this.channels =
        channel == null
            ? new Channels(Target.parse(builder.servers), options, telemetry)
            : new Channels(channel, options, Optional.ofNullable(builder.time), telemetry);
    this.ways =
        new Ways(
            channels,
            builder.callStreams && options.isOurs(),
            builder.directExecutor,
            maxMessageSize);
    this.jobs = new JobQuestions(channels, ways, timeout);
    this.jobIds = new TimeOrderedIds(channels.time());
    this.observed = telemetry.observe(ways::waiting);
  }

  /** Starts to describe a client. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Calls a function and waits for its result. Where this thread is interrupted meanwhile, the call
   * is cancelled.
   *
   * @param argument its argument; null is none
   * @param type the type of its result; {@code Void.class} to pass over it
   * @return its result; null where it gave none
   * @throws ClutchException in every other case
   */
  @CanIgnoreReturnValue
  public <T> @Nullable T request(String function, @Nullable Object argument, Class<T> type) {
    return request(Request.of(function, argument, type));
  }

  /** {@link #request(String, Object, Class)} with a generic type. */
  @CanIgnoreReturnValue
  public <T> @Nullable T request(String function, @Nullable Object argument, TypeToken<T> type) {
    return request(Request.of(function, argument, type));
  }

  /**
   * {@link #request(String, Object, Class)} with options of this one call.
   *
   * @throws IllegalArgumentException where it is durable: such calls go in the background
   */
  @CanIgnoreReturnValue
  public <T> @Nullable T request(Request<T> request) {
    return call(request).await();
  }

  /**
   * Calls a function without waiting for its result.
   *
   * @return completes with its result, or a {@link ClutchException}; cancelling it cancels the
   *     call, at the worker too
   */
  public <T> CompletableFuture<@Nullable T> requestAsync(
      String function, @Nullable Object argument, Class<T> type) {
    return requestAsync(Request.of(function, argument, type));
  }

  /** {@link #requestAsync(String, Object, Class)} with a generic type. */
  public <T> CompletableFuture<@Nullable T> requestAsync(
      String function, @Nullable Object argument, TypeToken<T> type) {
    return requestAsync(Request.of(function, argument, type));
  }

  /**
   * {@link #requestAsync(String, Object, Class)} with options of this one call.
   *
   * @throws IllegalArgumentException where it is durable: such calls go in the background
   */
  public <T> CompletableFuture<@Nullable T> requestAsync(Request<T> request) {
    return call(request).start();
  }

  /**
   * Calls a function in the background: returns once a worker has accepted the call, before it
   * runs. The worker holds it in memory; its result is dropped, its failure logged there.
   *
   * @param argument its argument; null is none
   * @return the id under which the worker logs the call
   * @throws ClutchException where no worker accepted it; an unknown function is refused at once
   */
  @CanIgnoreReturnValue
  public String requestBackground(String function, @Nullable Object argument) {
    return requestBackground(Request.of(function, argument));
  }

  /**
   * Makes a durable call, a job: returns once it is on disk; it runs at least once, through the
   * death of processes and machines.
   *
   * @param argument its argument; null is none
   * @return the job's id, for {@link #jobStatus} and others: that of {@code options}, or one made
   *     here; where there is a job of the same unique key already, that of the other
   * @throws ClutchException where no worker accepted it, or with {@code UNKNOWN} where one may
   *     have; with reason {@code NO_STORE} where the workers keep no jobs
   */
  @CanIgnoreReturnValue
  public String requestBackground(String function, @Nullable Object argument, JobOptions options) {
    return requestBackground(Request.of(function, argument).durable(options));
  }

  /**
   * {@link #requestBackground(String, Object)} with options; the type of the result is ignored. Of
   * a {@linkplain Request#durable(JobOptions) durable} one it gives the job's id.
   */
  @CanIgnoreReturnValue
  public String requestBackground(Request<?> request) {
    return requireNonNull(backgroundCall(request).await());
  }

  /**
   * Calls a function in the background without waiting for the acceptance.
   *
   * @return completes with the id under which the worker logs the call, of a durable one with the
   *     job's, or with a {@link ClutchException}
   */
  public CompletableFuture<@Nullable String> requestBackgroundAsync(Request<?> request) {
    return backgroundCall(request).start();
  }

  /**
   * Calls functions in parallel and waits for all of them. At most {@code maxOutstanding} are under
   * way at a time; the deadline of each starts when it is sent.
   *
   * @return one outcome for each call, in the order of the requests; where this thread is
   *     interrupted meanwhile, what is left has the outcome CANCELLED
   * @throws IllegalArgumentException where one of them is durable; then none is made
   */
  public <T> List<Outcome<T>> requestMulti(List<? extends Request<? extends T>> requests) {
    requests.forEach(ClutchClient::checkNotDurable);
    return new Multi<T>(maxOutstanding)
        .run(requests, request -> this.<T>requestAsync(widened(request)));
  }

  /**
   * Calls functions in the background, all of them; any of them may be durable.
   *
   * @return one outcome for each call, in the order of the requests: its id (of a durable one the
   *     job's), or why it was not accepted
   */
  public List<Outcome<String>> requestBackgroundMulti(List<? extends Request<?>> requests) {
    return new Multi<String>(maxOutstanding).run(requests, this::requestBackgroundAsync);
  }

  /**
   * An implementation of {@code contract} that calls its functions, checked against one worker at
   * once: every function must be there, with an argument and a result that fit as far as the worker
   * describes them.
   *
   * <p>Its methods throw a {@link ClutchException} as {@link #request} does, or give it in the
   * future. It is thread-safe, and usable as long as this client is; make it once and keep it.
   *
   * @param contract an interface with {@link ClutchFunction} methods
   * @throws IllegalArgumentException where the interface is no contract; the message names the
   *     method and what is wrong
   * @throws ContractMismatchException where the worker does not fit; the message has both
   *     signatures of each function that does not
   * @throws ClutchException where no worker answers within the client's timeout
   */
  public <T> T stub(Class<T> contract) {
    Contract model = Contract.of(contract);
    T stub = Stub.of(contract, model, this);
    model.checkAgainst(describe(), codec);
    return stub;
  }

  /**
   * {@link #stub} without asking a worker, so that none need be there: what doesn't fit shows when
   * it is called.
   *
   * @throws IllegalArgumentException where the interface is no contract
   */
  public <T> T uncheckedStub(Class<T> contract) {
    return Stub.of(contract, Contract.of(contract), this);
  }

  /** What one worker among the servers says of itself and its functions. */
  public DescribeResponse describe() {
    return requireNonNull(
        new RepeatingCall<>(
                channels,
                ways::unary,
                DESCRIBE,
                new RepeatingCall.Terms<DescribeResponse, DescribeResponse>(
                    UnaryForm.DESCRIBE, response -> response, Repetition.FEW_TIMES, null),
                timeout,
                CallRecord.NONE)
            .await());
  }

  /**
   * How a job is now.
   *
   * @param jobId as {@link #requestBackground} gave it
   * @throws ClutchException with reason {@code JOB_NOT_FOUND} where there is none, or not any more;
   *     {@code NO_STORE} where the worker keeps none
   */
  public JobStatus jobStatus(String jobId) {
    return jobs.status(jobId);
  }

  /**
   * Cancels a job. One that has not started ends; one that runs is interrupted, and ends as {@link
   * JobState#CANCELLED} unless it ends by itself. Does nothing where it has ended.
   *
   * @return how it is then: still running, where it was only asked to stop
   * @throws ClutchException as {@link #jobStatus}
   */
  @CanIgnoreReturnValue
  public JobStatus cancelJob(String jobId) {
    return jobs.cancel(jobId);
  }

  /**
   * Has a job run again that is dead, cancelled or expired, with all its attempts; one that waits
   * for its time, now. Where the answer is lost it may have been done, and is not asked for again.
   *
   * @return how it is then
   * @throws ClutchException as {@link #jobStatus}; with reason {@code WRONG_JOB_STATE} where it
   *     runs or is done
   */
  @CanIgnoreReturnValue
  public JobStatus retryJob(String jobId) {
    return jobs.retry(jobId);
  }

  /**
   * What the function of a job gave, where the job is done and its result is {@linkplain
   * JobOptions#withKeepResult kept}.
   *
   * @param type the type of the result
   * @return its result; null where it gave none
   * @throws ClutchException as {@link #jobStatus}; with reason {@code WRONG_JOB_STATE} where there
   *     is no result, not yet or not any more
   */
  public <T> @Nullable T jobResult(String jobId, Class<T> type) {
    return jobResult(jobId, TypeToken.of(type));
  }

  /** {@link #jobResult(String, Class)} with a generic type. */
  public <T> @Nullable T jobResult(String jobId, TypeToken<T> type) {
    Job job = jobs.withResult(jobId);
    return decode(Request.of(job.getFunction(), null, type), job.getResult());
  }

  /**
   * Watches a job until it has ended. When the worker that is asked goes away, another one is.
   *
   * @param listener is told how the job is now, and again whenever that changes, the end too; one
   *     at a time, on threads of the client's. What it throws is logged
   * @return completes with how it is at its end; or with a {@link ClutchException}, as {@link
   *     #jobStatus}, and where no worker answers for the client's timeout. Cancelling it ends the
   *     watch; the job does not notice
   */
  public CompletableFuture<JobStatus> watchJob(String jobId, Consumer<JobStatus> listener) {
    return jobs.watch(jobId, listener);
  }

  /**
   * Jobs of the store, the latest first, without those that the caller may not see.
   *
   * @throws ClutchException with reason {@code NO_STORE} where the worker keeps none
   */
  public List<JobStatus> jobs(JobFilter filter) {
    return jobs.list(filter);
  }

  /**
   * How many jobs there are in each state.
   *
   * @throws ClutchException with reason {@code NO_STORE} where the worker keeps none
   */
  public JobCounts jobCounts() {
    return jobs.counts();
  }

  /**
   * Takes no further calls, waits up to 5 s for those under way, cancels what is left then, and
   * closes the connections. Watches end at once.
   */
  @Override
  public void close() {
    jobs.close();
    channels.close();
    observed.close();
  }

  @Override
  public String toString() {
    return "ClutchClient of " + channels.target();
  }

  private <T> Sendable<T> call(Request<T> request) {
    checkNotDurable(request);
    return prepared(
        request,
        false,
        null,
        new RepeatingCall.Terms<>(
            UnaryForm.CALL,
            payload -> decode(request, payload),
            repetition(request),
            request.onProgress().orElse(null)));
  }

  private Sendable<String> backgroundCall(Request<?> request) {
    JobOptions options = request.jobOptions().orElse(null);
    if (options == null) {
      return prepared(
          request,
          true,
          null,
          new RepeatingCall.Terms<>(
              UnaryForm.BACKGROUND, callId -> callId, repetition(request), null));
    }
    // One id for all attempts, so that it is accepted once.
    JobOptions named = options.jobId().isPresent() ? options : options.withJobId(jobIds.next());
    return prepared(
        request,
        true,
        named.toProto(),
        new RepeatingCall.Terms<>(
            UnaryForm.DURABLE, jobId -> accepted(request, jobId), Repetition.ALWAYS, null));
  }

  private static Repetition repetition(Request<?> request) {
    return request.isIdempotent() ? Repetition.FEW_TIMES : Repetition.NEVER;
  }

  private static void checkNotDurable(Request<?> request) {
    checkArgument(
        request.jobOptions().isEmpty(),
        "the call of function '%s' is durable: want requestBackground or the like, for it is"
            + " answered before it runs",
        request.function());
  }

  /** A worker of an earlier version reads over what makes it durable. */
  private static String accepted(Request<?> request, String jobId) {
    if (jobId.isEmpty()) {
      throw ClutchException.builder(
              Reason.UNSUPPORTED,
              Started.UNKNOWN,
              ("the worker accepted the call of function '%s', but not as a durable one: it is of a"
                      + " version that knows none")
                  .formatted(request.function()))
          .detail(ClutchException.FUNCTION, request.function())
          .build();
    }
    return jobId;
  }

  /** A call, or what is wrong with it. */
  private record Sendable<T>(
      @Nullable RepeatingCall<?, T> call, @Nullable ClutchException failure) {

    @Nullable T await() {
      if (call == null) {
        ClutchException why = requireNonNull(failure);
        throw why.restated(why.started(), String.valueOf(why.getMessage()));
      }
      return call.await();
    }

    CompletableFuture<@Nullable T> start() {
      return call == null ? CompletableFuture.failedFuture(requireNonNull(failure)) : call.start();
    }
  }

  private <R, T> Sendable<T> prepared(
      Request<?> request,
      boolean background,
      io.clutch.v1.@Nullable JobOptions durable,
      RepeatingCall.Terms<R, T> terms) {
    CallRecord record = telemetry.called(request.function(), request.callId(), background);
    Payload payload;
    try {
      payload = encode(request);
    } catch (ClutchException e) {
      record.ended(e, null);
      return new Sendable<>(null, e);
    } catch (RuntimeException | Error e) {
      record.ended(Futures.failure(e), null);
      throw e;
    }
    ImmutableMap<String, String> headers;
    try {
      headers = headers(request, record);
    } catch (RuntimeException e) {
      // Propagators are the application's own, and may be wrong.
      ClutchException failure = headersFailed(request, e);
      record.ended(failure, null);
      return new Sendable<>(null, failure);
    }
    OutgoingCall call =
        new OutgoingCall(
            request.function(), payload, request.callId(), headers, background, durable);
    Duration callTimeout = request.timeout().orElse(timeout);
    return new Sendable<>(
        new RepeatingCall<>(channels, ways::best, call, terms, callTimeout, record), null);
  }

  private Payload encode(Request<?> request) {
    Payload payload;
    try {
      payload = codec.encode(request.argument());
    } catch (ConversionException e) {
      throw ClutchException.builder(
              Reason.BAD_ARGUMENTS,
              Started.NO,
              "the argument for function '%s' has no payload: %s"
                  .formatted(request.function(), e.getMessage()))
          .detail(ClutchException.FUNCTION, request.function())
          .cause(e)
          .build();
    }
    checkSize(request, "argument for", payload, Started.NO);
    return payload;
  }

  private void checkSize(Request<?> request, String what, Payload payload, Started started) {
    int size = PayloadCodec.size(payload);
    if (size > maxMessageSize) {
      throw ClutchException.builder(
              Reason.MESSAGE_TOO_LARGE,
              started,
              "the %s function '%s' has %d bytes; the client's maxMessageSize is %d"
                  .formatted(what, request.function(), size, maxMessageSize))
          .detail(ClutchException.FUNCTION, request.function())
          .build();
    }
  }

  private <T> @Nullable T decode(Request<T> request, Payload payload) {
    checkSize(request, "result of", payload, Started.YES);
    try {
      @SuppressWarnings("unchecked") // the codec gives a value of that type, or null
      T result = (T) codec.decode(payload, request.type().getType());
      return result;
    } catch (ConversionException e) {
      throw ClutchException.builder(
              Reason.BAD_RESULT,
              Started.YES,
              "the result of function '%s' does not fit: %s"
                  .formatted(request.function(), e.getMessage()))
          .detail(ClutchException.FUNCTION, request.function())
          .cause(e)
          .build();
    }
  }

  private static ClutchException headersFailed(Request<?> request, RuntimeException cause) {
    return ClutchException.builder(
            Reason.INTERNAL,
            Started.NO,
            "the call of function '%s' cannot be sent: telemetry adds no headers: %s"
                .formatted(request.function(), cause))
        .detail(ClutchException.FUNCTION, request.function())
        .cause(cause)
        .build();
  }

  private static ImmutableMap<String, String> headers(Request<?> request, CallRecord record) {
    if (record == CallRecord.NONE) {
      return request.headers();
    }
    Metadata metadata = new Metadata();
    request.headers().forEach((name, value) -> metadata.put(key(name), value));
    record.addTo(metadata);
    ImmutableMap.Builder<String, String> headers = ImmutableMap.builder();
    for (String name : metadata.keys()) {
      headers.put(name, requireNonNull(metadata.get(key(name))));
    }
    return headers.buildOrThrow();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @SuppressWarnings("unchecked") // a request only ever gives results of its type
  private static <T> Request<T> widened(Request<? extends T> request) {
    return (Request<T>) request;
  }

  /** Describes a client. Not thread-safe. */
  public static final class Builder {

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]");

    /** The servers where none are given. */
    public static final String DEFAULT_SERVERS = "127.0.0.1:9501";

    /**
     * The default for {@link #balance}: over a connection to each process of each server, each call
     * takes the one with the fewest calls of this client in flight; equals take turns.
     */
    public static final String LEAST_LOADED = "clutch_least_loaded";

    /**
     * For {@link #balance}: over a connection to each process of each server, in turn, as in Clutch
     * 0.05.
     */
    public static final String ROTATION = "clutch_rotation";

    /** gRPC asks no more often than that. */
    private static final Duration SHORTEST_KEEPALIVE = Duration.ofSeconds(10);

    private List<String> servers = ImmutableList.of(DEFAULT_SERVERS);
    private Duration timeout = Duration.ofSeconds(10);
    private int maxMessageSize = 4 * 1024 * 1024;
    private int maxOutstanding = 256;
    private String balancePolicy = LEAST_LOADED;
    private boolean callStreams = true;
    private boolean directExecutor;
    private int connectionsPerServer = BalanceConfig.DEFAULT.connectionsPerServer();
    private int maxConnectionsPerServer = BalanceConfig.DEFAULT.maxConnectionsPerServer();
    private Duration connectTimeout = BalanceConfig.DEFAULT.connectTimeout();
    private Duration keepAlive = SHORTEST_KEEPALIVE;
    private @Nullable TlsFiles tls;
    private @Nullable Path token;
    private @Nullable String authority;
    private @Nullable OpenTelemetry openTelemetry;
    private final List<PayloadConverter> converters = new ArrayList<>();
    private @Nullable ManagedChannelBuilder<?> channel;
    private @Nullable TimeSource time;

    private Builder() {}

    /**
     * Where the workers are: {@code host:port} each (an IPv6 address in brackets), or {@code
     * unix:PATH} each, or a single gRPC target, such as {@code dns:///jobs:9501}. Default {@value
     * #DEFAULT_SERVERS}.
     */
    @CanIgnoreReturnValue
    public Builder servers(String... servers) {
      return servers(ImmutableList.copyOf(servers));
    }

    /** {@link #servers(String...)} from a list. */
    @CanIgnoreReturnValue
    public Builder servers(List<String> servers) {
      this.servers = ImmutableList.copyOf(servers);
      return this;
    }

    /**
     * Has calls go over a channel that the caller describes, with its own target, transport and
     * credentials, in place of {@link #servers}: over a transport of the program's own, or in this
     * process. The client sets its balance policy and its message size, and switches gRPC's own
     * retries off; {@link #keepAlive} is for the caller to set there.
     *
     * @param channel describes the channel, which is built, and closed with the client; not to be
     *     used again
     */
    @CanIgnoreReturnValue
    public Builder channel(ManagedChannelBuilder<?> channel) {
      this.channel = requireNonNull(channel);
      return this;
    }

    /**
     * What the client takes for the time, for tests: deadlines, and the pauses between attempts.
     * Connections take the system's, or what their {@link #channel} is given. Only with a {@link
     * #channel} whose timer is that of {@code time}. Default: the system's.
     */
    @CanIgnoreReturnValue
    public Builder time(TimeSource time) {
      this.time = requireNonNull(time);
      return this;
    }

    /** The deadline of calls that have none of their own. More than 0; default 10 s. */
    @CanIgnoreReturnValue
    public Builder timeout(Duration timeout) {
      Request.checkTimeout(timeout);
      this.timeout = timeout;
      return this;
    }

    /** The largest argument and the largest result, in bytes of payload. Default 4 MiB. */
    @CanIgnoreReturnValue
    public Builder maxMessageSize(int maxMessageSize) {
      checkArgument(maxMessageSize >= 1, "maxMessageSize is %s: want 1 or more", maxMessageSize);
      this.maxMessageSize = maxMessageSize;
      return this;
    }

    /** How many calls of one {@code requestMulti} are under way at a time. Default 256. */
    @CanIgnoreReturnValue
    public Builder maxOutstanding(int maxOutstanding) {
      checkArgument(maxOutstanding >= 1, "maxOutstanding is %s: want 1 or more", maxOutstanding);
      this.maxOutstanding = maxOutstanding;
      return this;
    }

    /**
     * How calls are spread: {@link #LEAST_LOADED}, {@link #ROTATION}, or the name of any other
     * load-balancing policy registered with gRPC, such as {@code round_robin}, which keeps one
     * connection for each server. Default {@value #LEAST_LOADED}. Under an {@code xds:} target, the
     * control plane says it.
     */
    @CanIgnoreReturnValue
    public Builder balance(String policy) {
      checkArgument(
          LoadBalancerRegistry.getDefaultRegistry().getProvider(policy) != null,
          "balance is '%s': no load-balancing policy of that name is registered with gRPC",
          policy);
      this.balancePolicy = policy;
      return this;
    }

    /**
     * Whether calls share one long stream on each connection, over which a worker says how many it
     * has room for, so that a call waits here until a process is free. Else each is an RPC of its
     * own, as it is where workers do not know such streams, or under another balance policy than
     * Clutch's. Default: yes.
     */
    @CanIgnoreReturnValue
    public Builder callStreams(boolean callStreams) {
      this.callStreams = callStreams;
      return this;
    }

    /**
     * Has results told on the network's thread that brings them, as gRPC's {@code directExecutor},
     * instead of a thread of the client's own: what hangs on the future of a call runs there. That
     * saves a hand-over between threads, which is worth it where few calls are under way and each
     * moment counts. What runs there must be quick, and must never wait, for another call or for
     * {@link ClutchClient#close}: until it returns, this connection and others stand still.
     * Progress, and failures, may still come on other threads; over a {@link #channel} of its own,
     * the channel says where its RPCs are told. Default: on the client's threads.
     */
    @CanIgnoreReturnValue
    public Builder directExecutor() {
      this.directExecutor = true;
      return this;
    }

    /**
     * How many connections each server gets. Default: as many as it has processes, which it tells,
     * and which is followed when that changes. Connections go to different processes as long as
     * there are such. Holds for the policies of Clutch.
     *
     * @param connectionsPerServer 1 to 10,000
     */
    @CanIgnoreReturnValue
    public Builder connectionsPerServer(int connectionsPerServer) {
      checkArgument(
          connectionsPerServer >= 1 && connectionsPerServer <= BalanceConfig.MOST_CONNECTIONS,
          "connectionsPerServer is %s: want 1 to %s",
          connectionsPerServer,
          BalanceConfig.MOST_CONNECTIONS);
      this.connectionsPerServer = connectionsPerServer;
      return this;
    }

    /**
     * How many connections a server gets at most where it tells how many processes it has. Default
     * 64.
     *
     * @param maxConnectionsPerServer 1 to 10,000
     */
    @CanIgnoreReturnValue
    public Builder maxConnectionsPerServer(int maxConnectionsPerServer) {
      checkArgument(
          maxConnectionsPerServer >= 1 && maxConnectionsPerServer <= BalanceConfig.MOST_CONNECTIONS,
          "maxConnectionsPerServer is %s: want 1 to %s",
          maxConnectionsPerServer,
          BalanceConfig.MOST_CONNECTIONS);
      this.maxConnectionsPerServer = maxConnectionsPerServer;
      return this;
    }

    /**
     * How long a new connection may take until a process has answered on it. More than 0; default 5
     * s. A server that takes longer is left out, and tried again within a second. Holds for the
     * policies of Clutch.
     */
    @CanIgnoreReturnValue
    public Builder connectTimeout(Duration connectTimeout) {
      BalanceConfig.checkConnectTimeout(connectTimeout);
      this.connectTimeout = connectTimeout;
      return this;
    }

    /**
     * After how long a silence the other side of a connection is asked whether it is still there;
     * one that does not answer within 5 s is given up, with the calls on it. At least 10 s, which
     * is the default.
     */
    @CanIgnoreReturnValue
    public Builder keepAlive(Duration keepAlive) {
      checkArgument(
          keepAlive.compareTo(SHORTEST_KEEPALIVE) >= 0
              && keepAlive.compareTo(Durations.LONGEST) <= 0,
          "keepAlive is %s: want 10 s or more, at most 100 years",
          keepAlive);
      this.keepAlive = keepAlive;
      return this;
    }

    /**
     * TLS instead of plaintext. The name in each server's address must be one of those in its
     * certificate. Files that change are read again, and connections made anew; calls under way end
     * on the old ones. Default: none.
     */
    @CanIgnoreReturnValue
    public Builder tls(TlsFiles tls) {
      this.tls = requireNonNull(tls);
      return this;
    }

    /**
     * A token to show with every call; workers know it by a name. When the file changes, it is read
     * again. Without {@link #tls}, whoever is on the way can read it. Default: none.
     *
     * @param file holds the token, and nothing else
     */
    @CanIgnoreReturnValue
    public Builder token(Path file) {
      this.token = requireNonNull(file);
      return this;
    }

    /**
     * The name that the certificate of every server must be for, where it is not the one in its
     * address. Default: the one in its address.
     *
     * @param name of a host, without a port; an IPv6 address in brackets
     * @throws IllegalArgumentException where it is something else
     */
    @CanIgnoreReturnValue
    public Builder authority(String name) {
      checkArgument(
          HOST.matcher(name).matches(),
          "authority is '%s': want a host without a port, such as worker.example",
          name);
      this.authority = name;
      return this;
    }

    /**
     * Where spans and metrics of calls go to, and what says which headers carry the trace. Default:
     * {@code GlobalOpenTelemetry}, if that is set when the client is built; else there are none,
     * and nothing is done for them. The client does not close it.
     */
    @CanIgnoreReturnValue
    public Builder openTelemetry(OpenTelemetry openTelemetry) {
      this.openTelemetry = requireNonNull(openTelemetry);
      return this;
    }

    /** A converter in front of the built-in ones and behind those given before. */
    @CanIgnoreReturnValue
    public Builder converter(PayloadConverter converter) {
      converters.add(requireNonNull(converter));
      return this;
    }

    /**
     * The client. Does not connect yet.
     *
     * @throws IllegalArgumentException where the servers are no addresses; the message names them
     * @throws java.io.UncheckedIOException where a file of certificates, or of the token, cannot be
     *     read or is of no use; the message names it
     * @throws IllegalStateException where there is a time but no channel, or a channel and {@code
     *     tls}, {@code token} or {@code authority}, too
     */
    public ClutchClient build() {
      checkState(
          time == null || channel != null,
          "this client has a time of its own, but its sockets have the system's: want a channel of"
              + " that time, too");
      checkState(
          channel == null || (tls == null && token == null && authority == null),
          "this client has a channel of its own: tls, token and authority are for that to say");
      return new ClutchClient(this);
    }
  }
}
