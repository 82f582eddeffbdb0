package io.clutch.worker;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.Objects.requireNonNull;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.process.Overrides;
import io.clutch.process.Place;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.PayloadConverter;
import io.clutch.protocol.ServerAddress;
import io.clutch.protocol.TimeSource;
import io.clutch.security.AccessControl;
import io.clutch.security.AccessRules;
import io.clutch.security.TlsFiles;
import io.clutch.worker.internal.sockets.ConnectionLimits;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that serves functions: clients connect to it, and it runs what they call.
 *
 * <pre>{@code
 * public static void main(String[] args) throws IOException {
 *   Worker.builder()
 *       .address("127.0.0.1:9501")
 *       .function("greet", String.class, name -> "Hello, " + name)
 *       .build()
 *       .run();
 * }
 * }</pre>
 *
 * <p>{@link #run} is for a program that is a worker; {@link #start} and {@link #close} embed one in
 * another program. Thread-safe.
 */
public final class Worker implements AutoCloseable {

  /**
   * The exit code of {@link #run} after an error that leaves the JVM in doubt, such as out of
   * memory.
   */
  public static final int EXIT_FATAL_ERROR = 70;

  /** The exit code of {@link #run} when calls had to be given up at the graceful timeout. */
  public static final int EXIT_CALLS_GIVEN_UP = 71;

  /** The exit code of {@link #run} at a second TERM or INT. */
  public static final int EXIT_STOPPED_AT_ONCE = 143;

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final WorkerOptions options;
  private final AtomicReference<@Nullable FunctionServer> server = new AtomicReference<>();

  /** Down when {@link #run} is to end. */
  private final CountDownLatch stop = new CountDownLatch(1);

  private Worker(WorkerOptions options) {
    this.options = options;
  }

  /** Starts to describe a worker. */
  public static Builder builder() {
    return new Builder(Overrides.ofProcess(), Place.of(System::getenv).isPresent());
  }

  /**
   * Serves in the background until {@link #close}, on the worker's own addresses. Its threads are
   * daemons: they don't keep the program alive.
   *
   * @return this worker
   * @throws IOException where an address cannot be listened on; the message names it and the cause
   * @throws IllegalStateException where it was started before
   */
  @CanIgnoreReturnValue
  public Worker start() throws IOException {
    return startAlone(new OwnListeners(options.addresses()));
  }

  /**
   * Serves in the background until {@link #close}, on a gRPC server of the caller's own making:
   * over its own transport or credentials, or in this process. The option {@code address} and those
   * for connections are passed over; tokens and rules hold. The functions run on threads of the
   * worker; {@code server} gets an executor, services and interceptors beside its own, and is built
   * and started.
   *
   * @param server describes the server; not to be used again
   * @return this worker
   * @throws IOException where it cannot be started; the message names the cause
   * @throws IllegalStateException where this worker was started before, or has {@code tls}
   */
  @CanIgnoreReturnValue
  public Worker start(ServerBuilder<?> server) throws IOException {
    return startAlone(new GivenServer(requireNonNull(server)));
  }

  private Worker startAlone(ConnectionSource connections) throws IOException {
    return start(
        connections,
        Membership.ALONE,
        error -> log.error("a function failed with an error that leaves this JVM in doubt", error));
  }

  WorkerOptions options() {
    return options;
  }

  @CanIgnoreReturnValue
  synchronized Worker start(
      ConnectionSource connections, Membership membership, Consumer<Error> onFatalError)
      throws IOException {
    checkState(server.get() == null, "this worker was started before");
    checkState(
        options.time().isEmpty() || connections instanceof GivenServer,
        "this worker has a time of its own, but its sockets have the system's: want start(server)"
            + " with a server of that time");
    checkState(
        options.access().tls() == null || !(connections instanceof GivenServer),
        "this worker has a server of its own: tls is for that to say");
    server.set(FunctionServer.start(options, connections, membership, onFatalError));
    return this;
  }

  /**
   * Serves until TERM, INT or an interrupt of this thread, then drains and returns: takes no
   * further calls, finishes those taken, within the graceful timeout. The program's {@code main}
   * should then return too.
   *
   * <p>Where this process was started by a supervisor, it serves as a member of its pool: it
   * listens on nothing, is handed its connections, and drains when the supervisor says so or has
   * gone. Where systemd or Server::Starter passed it listening sockets, it serves on those. Else on
   * its own addresses.
   *
   * <p>Ends the process itself, without returning: with {@value #EXIT_STOPPED_AT_ONCE} at a second
   * TERM or INT; with {@value #EXIT_CALLS_GIVEN_UP} where calls did not end within the graceful
   * timeout; with {@value #EXIT_FATAL_ERROR} after an error in a function that leaves the JVM in
   * doubt (out of memory), when its caller was told.
   *
   * @throws IOException where an address cannot be listened on, or the supervisor does not answer;
   *     the message names it and the cause
   */
  public void run() throws IOException {
    new WorkerProcess(this, options).run();
  }

  /** Waits for {@link #close} or {@link #askToStop}; an interrupt asks for the same. */
  void awaitStop() {
    try {
      stop.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends {@link #awaitStop}; false where that was done before. */
  @CanIgnoreReturnValue
  synchronized boolean askToStop() {
    boolean isFirst = stop.getCount() > 0;
    stop.countDown();
    return isFirst;
  }

  /** What serves; null before it is started. */
  @Nullable FunctionServer server() {
    return server.get();
  }

  /**
   * The TCP addresses where clients find it, with their real ports where 0 was asked for.
   *
   * @throws IllegalStateException where it is not started
   */
  public ImmutableList<ServerAddress> addresses() {
    FunctionServer running = server.get();
    checkState(running != null, "this worker is not started");
    return running.addresses();
  }

  /**
   * The first of {@link #addresses()}.
   *
   * @throws IllegalStateException where it is not started, or its server has no TCP address
   */
  public ServerAddress address() {
    ImmutableList<ServerAddress> all = addresses();
    checkState(!all.isEmpty(), "this worker has no TCP address");
    return all.get(0);
  }

  /** Drains: takes no further calls, and waits for those taken, within the graceful timeout. */
  @Override
  public void close() {
    askToStop();
    boolean unused = drain(options.gracefulTimeout());
  }

  /** Whether nothing was given up. */
  boolean drain(Duration atMost) {
    FunctionServer running = server.get();
    return running == null || running.drain(atMost);
  }

  /**
   * Describes a worker.
   *
   * <p>Every option can be given from outside too, and that wins: as system property ({@code
   * clutch.queueCapacity}) or environment variable ({@code CLUTCH_QUEUE_CAPACITY}); several
   * addresses are separated by commas. Not thread-safe.
   */
  public static final class Builder extends FunctionRegistrar<Builder> {

    /** The address where none is given. */
    public static final String DEFAULT_ADDRESS = "127.0.0.1:9501";

    private final Overrides overrides;
    private final Map<String, FunctionDefinition> functions = new TreeMap<>();
    private final List<PayloadConverter> converters = new ArrayList<>();
    private String addresses = DEFAULT_ADDRESS;
    private int concurrency;
    private int queueCapacity = 1_000;
    private Duration timeout = Duration.ofSeconds(10);
    private int maxMessageSize = 4 * 1024 * 1024;
    private Duration gracefulTimeout = Duration.ofSeconds(30);
    private @Nullable String store;
    private Duration jobLease = Duration.ofSeconds(30);
    private Duration jobRetention = Duration.ofHours(1);
    private int maxConnections = ConnectionLimits.DEFAULT.maxConnections();
    private int maxCallsPerConnection = ConnectionLimits.DEFAULT.maxCallsPerConnection();
    private int maxHeaderSize = ConnectionLimits.DEFAULT.maxHeaderSize();
    private Duration connectionTimeout = ConnectionLimits.DEFAULT.connectionTimeout();
    private Duration maxConnectionIdle = ConnectionLimits.DEFAULT.maxConnectionIdle();
    private @Nullable TlsFiles tls;
    private @Nullable Path tokens;
    private @Nullable AccessRules rules;
    private @Nullable Path rulesFile;
    private boolean insecure;
    private @Nullable FunctionInterceptor interceptor;
    private @Nullable TimeSource time;
    private @Nullable OpenTelemetry openTelemetry;

    Builder(Overrides overrides, boolean isSupervised) {
      this.overrides = overrides;
      this.concurrency = isSupervised ? 1 : Runtime.getRuntime().availableProcessors();
    }

    /**
     * Where to listen: {@code host:port}, an IPv6 address in brackets, several separated by commas.
     * Port 0 lets the system choose one. Default {@value #DEFAULT_ADDRESS}.
     */
    @CanIgnoreReturnValue
    public Builder address(String address) {
      this.addresses = requireNonNull(address);
      return this;
    }

    /**
     * How many calls run at the same time, each on a thread of its own. Default: the number of
     * processors; 1 where this process was started by a supervisor.
     */
    @CanIgnoreReturnValue
    public Builder concurrency(int concurrency) {
      this.concurrency = concurrency;
      return this;
    }

    /**
     * How many calls may wait behind the running ones; further ones are refused as QUEUE_FULL.
     * Default 1,000.
     */
    @CanIgnoreReturnValue
    public Builder queueCapacity(int queueCapacity) {
      this.queueCapacity = queueCapacity;
      return this;
    }

    /**
     * The longest a function may run: then its thread is interrupted and its caller told. 0 is no
     * limit. Default 10 s.
     */
    @CanIgnoreReturnValue
    public Builder timeout(Duration timeout) {
      this.timeout = requireNonNull(timeout);
      return this;
    }

    /** The largest argument and the largest result, in bytes of payload. Default 4 MiB. */
    @CanIgnoreReturnValue
    public Builder maxMessageSize(int maxMessageSize) {
      this.maxMessageSize = maxMessageSize;
      return this;
    }

    /** How long a drain waits for calls to end before it gives them up. Default 30 s. */
    @CanIgnoreReturnValue
    public Builder gracefulTimeout(Duration gracefulTimeout) {
      this.gracefulTimeout = requireNonNull(gracefulTimeout);
      return this;
    }

    /**
     * Where durable background calls are kept: a folder (made where there is none), which the
     * processes of one machine may share, or {@code postgresql://user:password@host/database}.
     * Needs the module clutch-durable on the class path. Default: nowhere; durable calls are
     * refused as NO_STORE.
     */
    @CanIgnoreReturnValue
    public Builder store(String store) {
      this.store = requireNonNull(store);
      return this;
    }

    /**
     * With a store on PostgreSQL: how long the jobs of a process that has fallen silent wait before
     * others run them, where nobody has seen it die. A process that lives renews its lease several
     * times meanwhile, however long its functions run. Default 30 s, at least 10 s.
     */
    @CanIgnoreReturnValue
    public Builder jobLease(Duration jobLease) {
      this.jobLease = requireNonNull(jobLease);
      return this;
    }

    /**
     * How long the store remembers that a durable call is done, so that it can be asked about, and
     * that a further call of the same id is no second one. Default 1 h.
     */
    @CanIgnoreReturnValue
    public Builder jobRetention(Duration jobRetention) {
      this.jobRetention = requireNonNull(jobRetention);
      return this;
    }

    /**
     * TLS instead of plaintext: the worker's certificate and key, and, where clients must have one
     * too, the authorities that sign theirs. Where there are {@link #tokens} as well, one of the
     * two proofs is enough. Files that change are read again; connections stay. Default: none.
     *
     * @param tls with a certificate; from outside, {@code tlsCertificate} with {@code tlsKey} and
     *     {@code tlsClientCa} take the place of these files
     */
    @CanIgnoreReturnValue
    public Builder tls(TlsFiles tls) {
      this.tls = requireNonNull(tls);
      return this;
    }

    /**
     * Only whoever has one of these tokens may call. Each line of the file is a name and a token,
     * or the name and {@code sha256:} with the token's digest in hexadecimal. When the file
     * changes, it is read again, and what is not in it any more is refused from then on, on open
     * connections too. Default: none.
     */
    @CanIgnoreReturnValue
    public Builder tokens(Path file) {
      this.tokens = requireNonNull(file);
      return this;
    }

    /** Who may call what; what no rule allows is denied. Default: everyone may call everything. */
    @CanIgnoreReturnValue
    public Builder rules(AccessRules rules) {
      this.rules = requireNonNull(rules);
      this.rulesFile = null;
      return this;
    }

    /** {@link #rules(AccessRules)} from a file, which is read again when it changes. */
    @CanIgnoreReturnValue
    public Builder rules(Path file) {
      this.rulesFile = requireNonNull(file);
      this.rules = null;
      return this;
    }

    /**
     * Without TLS and tokens, on purpose: does not warn when the worker listens on more than the
     * loopback interface. Changes nothing else.
     */
    @CanIgnoreReturnValue
    public Builder insecure() {
      this.insecure = true;
      return this;
    }

    /**
     * How many connections may be open at a time; a further one takes the place of one on which the
     * client has not said anything yet, or is closed. Default 1,000.
     */
    @CanIgnoreReturnValue
    public Builder maxConnections(int maxConnections) {
      this.maxConnections = maxConnections;
      return this;
    }

    /**
     * How many calls of one connection may be under way at a time; further ones wait in the client.
     * Default 1,000.
     */
    @CanIgnoreReturnValue
    public Builder maxCallsPerConnection(int maxCallsPerConnection) {
      this.maxCallsPerConnection = maxCallsPerConnection;
      return this;
    }

    /** How much the headers of one call may take, in bytes, as HTTP/2 counts. Default 8 KiB. */
    @CanIgnoreReturnValue
    public Builder maxHeaderSize(int maxHeaderSize) {
      this.maxHeaderSize = maxHeaderSize;
      return this;
    }

    /**
     * How long a new connection may take until the client has shaken hands and said its first
     * words. Default 10 s.
     */
    @CanIgnoreReturnValue
    public Builder connectionTimeout(Duration connectionTimeout) {
      this.connectionTimeout = requireNonNull(connectionTimeout);
      return this;
    }

    /**
     * How long a connection may stay open without a call; then the client is asked to make another
     * one when it needs it. 0 is without limit. Default 1 h.
     */
    @CanIgnoreReturnValue
    public Builder maxConnectionIdle(Duration maxConnectionIdle) {
      this.maxConnectionIdle = requireNonNull(maxConnectionIdle);
      return this;
    }

    /**
     * Where spans and metrics of calls go to. Default: {@code GlobalOpenTelemetry}, if that is set
     * when the worker is started; else there are none, and nothing is done for them. The worker
     * does not close it.
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

    /** Has {@code inner} run around each run of a function, inside those given before. */
    @CanIgnoreReturnValue
    public Builder intercept(FunctionInterceptor inner) {
      requireNonNull(inner);
      FunctionInterceptor outer = interceptor;
      interceptor =
          outer == null ? inner : (call, next) -> outer.run(call, () -> inner.run(call, next));
      return this;
    }

    /**
     * What the worker takes for the time, for tests: deadlines, {@code timeout} and {@link
     * Call#deadline}. A drain takes the system's. Only for {@link Worker#start(ServerBuilder)},
     * with a server whose deadlines have the same ticker. Default: the system's.
     */
    @CanIgnoreReturnValue
    public Builder time(TimeSource time) {
      this.time = requireNonNull(time);
      return this;
    }

    @Override
    @CanIgnoreReturnValue
    public Builder function(FunctionDefinition definition) {
      checkArgument(
          functions.putIfAbsent(definition.name(), definition) == null,
          "function '%s' is registered twice",
          definition.name());
      return this;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * The worker, not yet started.
     *
     * @throws IllegalArgumentException where an option is wrong; the message names it, its value
     *     and what is legal
     */
    public Worker build() {
      return new Worker(
          new WorkerOptions(
              overrides
                  .find("address", Builder::parseAddresses)
                  .orElseGet(() -> parseAddresses(addresses)),
              new FunctionTable(ImmutableSortedMap.copyOf(functions)),
              PayloadCodec.withFirst(converters),
              overrides.get("concurrency", concurrency),
              overrides.get("queueCapacity", queueCapacity),
              overrides.get("timeout", timeout),
              overrides.get("maxMessageSize", maxMessageSize),
              overrides.get("gracefulTimeout", gracefulTimeout),
              overrides.find("store", text -> text).or(() -> Optional.ofNullable(store)),
              overrides.get("jobLease", jobLease),
              overrides.get("jobRetention", jobRetention),
              new ConnectionLimits(
                  overrides.get("maxConnections", maxConnections),
                  overrides.get("maxCallsPerConnection", maxCallsPerConnection),
                  overrides.get("maxHeaderSize", maxHeaderSize),
                  overrides.get("connectionTimeout", connectionTimeout),
                  overrides.get("maxConnectionIdle", maxConnectionIdle)),
              access(),
              overrides.find("insecure", Builder::parseBoolean).orElse(insecure),
              Optional.ofNullable(interceptor),
              Optional.ofNullable(time),
              openTelemetry));
    }

    private AccessControl.Options access() {
      Path givenRules = file("rules");
      Path givenTokens = file("tokens");
      return new AccessControl.Options(
          tlsFiles(),
          givenTokens == null ? tokens : givenTokens,
          givenRules == null ? rules : null,
          givenRules == null ? rulesFile : givenRules);
    }

    /** Another certificate from outside must not open the worker to whoever has none. */
    private @Nullable TlsFiles tlsFiles() {
      Path certificate = file("tlsCertificate");
      Path key = file("tlsKey");
      Path authorities = file("tlsClientCa");
      TlsFiles own =
          certificate == null && key == null
              ? tls
              : TlsFiles.of(certificate, key, tls == null ? null : tls.authorities().orElse(null));
      if (authorities == null) {
        return own;
      }
      return own == null ? TlsFiles.trust(authorities) : own.trusting(authorities);
    }

    private @Nullable Path file(String option) {
      return overrides.find(option, Path::of).orElse(null);
    }

    private static boolean parseBoolean(String text) {
      checkArgument(text.equals("true") || text.equals("false"), "want true or false");
      return text.equals("true");
    }

    private static ImmutableList<ServerAddress> parseAddresses(String addresses) {
      return Splitter.on(',')
          .trimResults()
          .splitToStream(addresses)
          .map(ServerAddress::parse)
          .collect(toImmutableList());
    }
  }
}
