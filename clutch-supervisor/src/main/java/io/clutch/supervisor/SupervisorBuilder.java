package io.clutch.supervisor;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Longs;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.process.InheritedSocket;
import io.clutch.process.InheritedSockets;
import io.clutch.process.Overrides;
import io.clutch.protocol.Durations;
import io.clutch.protocol.ServerAddress;
import io.clutch.supervisor.internal.keep.RunningPool;
import io.clutch.supervisor.internal.pool.PoolSettings;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Describes a {@link Supervisor}. Not thread-safe. */
public final class SupervisorBuilder {

  /** The address where none is given and no socket is inherited. */
  public static final String DEFAULT_ADDRESS = "127.0.0.1:9501";

  private ImmutableList<String> command = ImmutableList.of();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<SupervisorListener> listeners = new ArrayList<>();
  private @Nullable String addresses;
  private int maxWorkers = Runtime.getRuntime().availableProcessors();
  private long maxRequests;
  private long maxRequestsJitter;
  private long maxMemory;
  private Duration maxLifetime = Duration.ZERO;
  private Duration spawnInterval = Duration.ZERO;
  private Duration errRespawnInterval = Duration.ofSeconds(1);
  private Duration bootTimeout = Duration.ofSeconds(30);
  private Duration heartbeatTimeout = Duration.ofSeconds(30);
  private @Nullable Duration gracefulTimeout;
  private Duration killGrace = Duration.ofSeconds(5);
  private @Nullable Duration timeout;
  private @Nullable Integer concurrency;
  private @Nullable Path controlPath;
  private @Nullable Path pidFile;
  private @Nullable Path statusFile;
  private boolean rawOutput;
  private OutputStream out = new FileOutputStream(FileDescriptor.out);
  private OutputStream err = new FileOutputStream(FileDescriptor.err);

  SupervisorBuilder() {}

  /** The program of a child and its arguments. Required. */
  @CanIgnoreReturnValue
  public SupervisorBuilder command(String... command) {
    return command(ImmutableList.copyOf(command));
  }

  /** The program of a child and its arguments. Required. */
  @CanIgnoreReturnValue
  public SupervisorBuilder command(List<String> command) {
    this.command = ImmutableList.copyOf(command);
    return this;
  }

  /** A variable in the environment of the children, beside those of this process. */
  @CanIgnoreReturnValue
  public SupervisorBuilder environment(String name, String value) {
    environment.put(requireNonNull(name), requireNonNull(value));
    return this;
  }

  /**
   * An option of the children's workers, which wins over what their program says.
   *
   * @param option its name, such as {@code queueCapacity}
   * @param value as it is written in the environment
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder workerOption(String option, String value) {
    return environment(Overrides.variable(option), value);
  }

  /** Someone who is told what happens. */
  @CanIgnoreReturnValue
  public SupervisorBuilder listener(SupervisorListener listener) {
    listeners.add(requireNonNull(listener));
    return this;
  }

  /**
   * Where to listen: {@code host:port}, an IPv6 address in brackets, several separated by commas.
   * Port 0 lets the system choose one. Sockets inherited from systemd or Server::Starter are
   * listened on in any case. Default: those, else {@value #DEFAULT_ADDRESS}.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder address(String addresses) {
    this.addresses = requireNonNull(addresses);
    return this;
  }

  /**
   * How many children serve. Default: the number of processors. With {@link Prefork}, 0 is no pool
   * at all: the program serves alone.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder maxWorkers(int maxWorkers) {
    this.maxWorkers = maxWorkers;
    return this;
  }

  /**
   * How many calls a child may start before it is replaced; it never starts one more. 0, the
   * default, is without limit: a process of Java costs some hundred milliseconds to start.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder maxRequestsPerChild(long maxRequests) {
    this.maxRequests = maxRequests;
    return this;
  }

  /** Each child's limit of calls is lower by chance, by at most so many. Default 0. */
  @CanIgnoreReturnValue
  public SupervisorBuilder maxRequestsJitter(long jitter) {
    this.maxRequestsJitter = jitter;
    return this;
  }

  /** How much memory a child may hold (resident, in bytes) before it is replaced. 0 is no limit. */
  @CanIgnoreReturnValue
  public SupervisorBuilder maxMemoryPerChild(long bytes) {
    this.maxMemory = bytes;
    return this;
  }

  /** How long a child serves before it is replaced. 0, the default, is without limit. */
  @CanIgnoreReturnValue
  public SupervisorBuilder maxLifetimePerChild(Duration maxLifetime) {
    this.maxLifetime = requireNonNull(maxLifetime);
    return this;
  }

  /**
   * At least so long between two starts of children, and between two children collected by a
   * rolling restart or by USR1. Default 0.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder spawnInterval(Duration spawnInterval) {
    this.spawnInterval = requireNonNull(spawnInterval);
    return this;
  }

  /**
   * How long to wait before a child that died is replaced. It doubles, up to 30 s, while children
   * of a slot die before they are ready or within 5 s of it. Default 1 s.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder errRespawnInterval(Duration errRespawnInterval) {
    this.errRespawnInterval = requireNonNull(errRespawnInterval);
    return this;
  }

  /** How long a child may take to become ready. Default 30 s. */
  @CanIgnoreReturnValue
  public SupervisorBuilder bootTimeout(Duration bootTimeout) {
    this.bootTimeout = requireNonNull(bootTimeout);
    return this;
  }

  /** How long a child may give no sign of life before it is killed. Default 30 s. */
  @CanIgnoreReturnValue
  public SupervisorBuilder heartbeatTimeout(Duration heartbeatTimeout) {
    this.heartbeatTimeout = requireNonNull(heartbeatTimeout);
    return this;
  }

  /**
   * How long a child that drains may take to finish its calls before they are given up. Default:
   * what the child's program says, else 30 s.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder gracefulTimeout(Duration gracefulTimeout) {
    this.gracefulTimeout = requireNonNull(gracefulTimeout);
    return this;
  }

  /**
   * How long a function may go on after its time, when it was interrupted, before its child is
   * replaced by force. Default 5 s.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder killGrace(Duration killGrace) {
    this.killGrace = requireNonNull(killGrace);
    return this;
  }

  /** The longest a function may run; 0 is no limit. Default: what the child's program says. */
  @CanIgnoreReturnValue
  public SupervisorBuilder timeout(Duration timeout) {
    this.timeout = requireNonNull(timeout);
    return this;
  }

  /**
   * How many calls run in one child at the same time. Default: what the child's program says, else
   * 1.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder concurrency(int concurrency) {
    checkArgument(concurrency >= 1, "concurrency is %s: want 1 or more", concurrency);
    this.concurrency = concurrency;
    return this;
  }

  /**
   * The path of the control socket. Default: {@code clutch/control.sock} in {@code
   * XDG_RUNTIME_DIR}, else {@code clutch-UID/control.sock} among the temporary files.
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder controlPath(Path controlPath) {
    this.controlPath = requireNonNull(controlPath);
    return this;
  }

  /** A file for this process's id, locked while it lives. Default: none. */
  @CanIgnoreReturnValue
  public SupervisorBuilder pidFile(Path pidFile) {
    this.pidFile = requireNonNull(pidFile);
    return this;
  }

  /** A file with a line {@code generation:pid} for each child. Default: none. */
  @CanIgnoreReturnValue
  public SupervisorBuilder statusFile(Path statusFile) {
    this.statusFile = requireNonNull(statusFile);
    return this;
  }

  /** Whether children's lines are passed on as they are, without slot and pid. Default false. */
  @CanIgnoreReturnValue
  public SupervisorBuilder rawOutput(boolean rawOutput) {
    this.rawOutput = rawOutput;
    return this;
  }

  /** Where children's output and error output go. Default: this process's own. */
  @CanIgnoreReturnValue
  public SupervisorBuilder output(OutputStream out, OutputStream err) {
    this.out = requireNonNull(out);
    this.err = requireNonNull(err);
    return this;
  }

  /**
   * Takes every option that is given from outside, which wins over what was said so far: as system
   * property ({@code clutch.maxWorkers}) or environment variable ({@code CLUTCH_MAX_WORKERS}).
   *
   * @throws IllegalArgumentException where one makes no sense; the message names it and its value
   */
  @CanIgnoreReturnValue
  public SupervisorBuilder fromEnvironment() {
    return from(Overrides.ofProcess());
  }

  SupervisorBuilder from(Overrides overrides) {
    take(overrides, "address", text -> text, this::address);
    take(overrides, "maxWorkers", Overrides::wholeNumber, this::maxWorkers);
    take(
        overrides,
        "maxRequestsPerChild",
        SupervisorBuilder::wholeNumber,
        this::maxRequestsPerChild);
    take(overrides, "maxRequestsJitter", SupervisorBuilder::wholeNumber, this::maxRequestsJitter);
    take(overrides, "maxMemoryPerChild", MemorySize::parse, this::maxMemoryPerChild);
    take(overrides, "maxLifetimePerChild", Durations::parse, this::maxLifetimePerChild);
    take(overrides, "spawnInterval", Durations::parse, this::spawnInterval);
    take(overrides, "errRespawnInterval", Durations::parse, this::errRespawnInterval);
    take(overrides, "bootTimeout", Durations::parse, this::bootTimeout);
    take(overrides, "heartbeatTimeout", Durations::parse, this::heartbeatTimeout);
    take(overrides, "gracefulTimeout", Durations::parse, this::gracefulTimeout);
    take(overrides, "killGrace", Durations::parse, this::killGrace);
    take(overrides, "timeout", Durations::parse, this::timeout);
    take(overrides, "concurrency", Overrides::wholeNumber, this::concurrency);
    take(overrides, "control", Path::of, this::controlPath);
    take(overrides, "pidFile", Path::of, this::pidFile);
    take(overrides, "statusFile", Path::of, this::statusFile);
    take(overrides, "rawOutput", SupervisorBuilder::yesOrNo, this::rawOutput);
    return this;
  }

  private static <T> void take(
      Overrides overrides, String option, Function<String, T> parser, Consumer<T> setter) {
    overrides.find(option, parser).ifPresent(setter);
  }

  private static long wholeNumber(String text) {
    Long number = Longs.tryParse(text);
    if (number == null) {
      throw new IllegalArgumentException("want a whole number");
    }
    return number;
  }

  private static boolean yesOrNo(String text) {
    checkArgument(ImmutableSet.of("true", "false").contains(text), "want true or false");
    return Boolean.parseBoolean(text);
  }

  /**
   * Starts the supervisor and its first children; returns before they are ready. Its threads are
   * daemons: they don't keep the program alive.
   *
   * @throws IllegalArgumentException where an option is wrong; the message names it, its value and
   *     what is legal
   * @throws IOException where an address, the control socket or a file cannot be had; the message
   *     names it and the cause
   * @throws UnsupportedOperationException where supervision does not work on this platform
   */
  public Supervisor start() throws IOException {
    SupervisorPlatform.check();
    checkArgument(!command.isEmpty(), "the command is empty: want the program of a child");
    ImmutableList<InheritedSocket> inherited = InheritedSockets.ofProcess();
    return Supervisor.start(
        new RunningPool.Setup(
            command,
            childEnvironment(),
            addressesToBind(inherited),
            inherited,
            controlPath,
            pidFile,
            statusFile,
            rawOutput,
            out,
            err),
        this);
  }

  /**
   * Starts the supervisor as what this process is for, and returns when all is over. Handles the
   * process's signals meanwhile: TERM and INT drain all children and end, a second one kills them;
   * HUP replaces all children one after another; USR1 drains one child every spawn interval, then
   * ends; TTIN and TTOU have one child more or fewer.
   *
   * @return the exit code, see {@link Supervisor#exitCode}
   * @throws IllegalArgumentException as {@link #start}
   * @throws IOException as {@link #start}
   * @throws UnsupportedOperationException as {@link #start}
   */
  public int run() throws IOException {
    try (SupervisorSignals signals = new SupervisorSignals()) {
      Supervisor supervisor = start();
      signals.to(supervisor);
      return supervisor.exitCode().join();
    }
  }

  int maxWorkers() {
    return maxWorkers;
  }

  ImmutableList<SupervisorListener> listeners() {
    return ImmutableList.copyOf(listeners);
  }

  PoolSettings settings() {
    return new PoolSettings(
        maxWorkers,
        spawnInterval,
        errRespawnInterval,
        bootTimeout,
        heartbeatTimeout,
        requireNonNullElse(gracefulTimeout, Duration.ofSeconds(30)),
        killGrace,
        maxRequests,
        maxRequestsJitter,
        maxMemory,
        maxLifetime);
  }

  /** What is said here wins over what the child's program says; the environment does just that. */
  private ImmutableMap<String, String> childEnvironment() {
    Map<String, String> variables = new LinkedHashMap<>(environment);
    if (timeout != null) {
      variables.put("CLUTCH_TIMEOUT", Durations.format(timeout));
    }
    if (concurrency != null) {
      variables.put("CLUTCH_CONCURRENCY", String.valueOf(concurrency));
    }
    if (gracefulTimeout != null) {
      variables.put("CLUTCH_GRACEFUL_TIMEOUT", Durations.format(gracefulTimeout));
    }
    return ImmutableMap.copyOf(variables);
  }

  private ImmutableList<ServerAddress> addressesToBind(ImmutableList<InheritedSocket> inherited) {
    if (addresses == null && !inherited.isEmpty()) {
      return ImmutableList.of();
    }
    return Splitter.on(',')
        .trimResults()
        .splitToStream(requireNonNullElse(addresses, DEFAULT_ADDRESS))
        .map(ServerAddress::parse)
        // One that came as a socket is open already.
        .filter(
            address ->
                inherited.stream().noneMatch(socket -> socket.name().equals(address.toString())))
        .collect(toImmutableList());
  }
}
