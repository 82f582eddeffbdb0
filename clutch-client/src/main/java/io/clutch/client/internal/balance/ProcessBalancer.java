package io.clutch.client.internal.balance;

import static java.util.stream.Collectors.joining;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.net.InetAddresses;
import io.clutch.protocol.ServerAddress;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spreads calls over the processes of all servers that the name stands for. Owned by the channel's
 * synchronization context.
 */
final class ProcessBalancer extends LoadBalancer {

  private static final Logger log = LoggerFactory.getLogger(ProcessBalancer.class);

  /** Names may stand for more servers than before, though no connection failed. */
  private static final Duration LOOK_UP_INTERVAL = Duration.ofSeconds(10);

  /** After failures names are looked up again, but not more often than this. */
  private static final Duration LOOK_UP_PAUSE = Duration.ofSeconds(1);

  /** How many servers an error names. */
  private static final int NAMED = 8;

  private final Helper helper;
  private final Choice choice;
  private final SynchronizationContext context;
  private final ScheduledExecutorService timer;
  private final Ticker ticker = Ticker.systemTicker();
  private final AtomicInteger turn = new AtomicInteger(ThreadLocalRandom.current().nextInt());
  private final Map<ImmutableSet<SocketAddress>, Place> places = new LinkedHashMap<>();

  /** All that gRPC has not let go of. */
  private final Set<SubchannelWire> wires = new HashSet<>();

  private BalanceConfig config = BalanceConfig.DEFAULT;
  private SynchronizationContext.@Nullable ScheduledHandle nextLookUp;
  private long lookedUpAt;
  private boolean closed;

  ProcessBalancer(Helper helper, Choice choice) {
    this.helper = helper;
    this.choice = choice;
    this.context = helper.getSynchronizationContext();
    this.timer = helper.getScheduledExecutorService();
    this.lookedUpAt = ticker.read();
  }

  @Override
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    if (resolved.getLoadBalancingPolicyConfig() instanceof BalanceConfig given
        && !given.equals(config)) {
      config = given;
      closeAll();
    }
    Map<ImmutableSet<SocketAddress>, EquivalentAddressGroup> wanted = new LinkedHashMap<>();
    resolved
        .getAddresses()
        .forEach(group -> wanted.putIfAbsent(ImmutableSet.copyOf(group.getAddresses()), group));
    places
        .entrySet()
        .removeIf(
            place -> {
              boolean gone = !wanted.containsKey(place.getKey());
              if (gone) {
                place.getValue().close();
              }
              return gone;
            });
    wanted.forEach(
        (key, group) -> {
          Place place = places.computeIfAbsent(key, unused -> new Place(group));
          place.addresses = group;
        });
    publish();
    places.values().forEach(place -> place.server.maintain());
    lookUpLater();
    return places.isEmpty() ? none() : Status.OK;
  }

  private static Status none() {
    return Status.UNAVAILABLE.withDescription("the name stands for no server");
  }

  @Override
  public void handleNameResolutionError(Status error) {
    if (places.isEmpty()) {
      fail(error);
    } else {
      log.debug("names cannot be looked up, the servers known stay: {}", error);
    }
    lookUpLater();
  }

  @Override
  public void requestConnection() {
    places.values().forEach(place -> place.server.maintain());
  }

  @Override
  public void shutdown() {
    closed = true;
    closeAll();
    // gRPC keeps what is closed for some seconds, in case a call just takes it: no longer.
    ImmutableList.copyOf(wires).forEach(SubchannelWire::close);
    if (nextLookUp != null) {
      nextLookUp.cancel();
    }
  }

  private void closeAll() {
    places.values().forEach(Place::close);
    places.clear();
  }

  private void lookUp() {
    if (!closed) {
      lookedUpAt = ticker.read();
      helper.refreshNameResolution();
      lookUpLater();
    }
  }

  private void lookUpLater() {
    lookUpIn(LOOK_UP_INTERVAL);
  }

  private void lookUpIn(Duration delay) {
    if (nextLookUp != null) {
      nextLookUp.cancel();
    }
    nextLookUp = context.schedule(this::lookUp, delay.toNanos(), TimeUnit.NANOSECONDS, timer);
  }

  /** Tells gRPC where calls go from now on. */
  private void publish() {
    if (closed) {
      return;
    }
    ImmutableList<Connection> usable = usable();
    if (!usable.isEmpty()) {
      helper.updateBalancingState(
          ConnectivityState.READY, new ConnectionPicker(usable, choice, turn, areOpening()));
    } else if (places.isEmpty()) {
      fail(none());
    } else if (places.values().stream().allMatch(place -> place.server.problem().isPresent())) {
      fail(Status.UNAVAILABLE.withDescription(problems()));
    } else {
      helper.updateBalancingState(
          ConnectivityState.CONNECTING,
          new NoConnectionPicker(PickResult.withNoResult(), "connecting to " + servers()));
    }
  }

  private void fail(Status status) {
    helper.updateBalancingState(
        ConnectivityState.TRANSIENT_FAILURE,
        new NoConnectionPicker(
            PickResult.withError(status), String.valueOf(status.getDescription())));
  }

  /** First one of each server, then a second one, and so on: neighbours are far apart. */
  private ImmutableList<Connection> usable() {
    List<Iterator<Connection>> left = new ArrayList<>();
    places.values().forEach(place -> left.add(place.server.usable().iterator()));
    ImmutableList.Builder<Connection> usable = ImmutableList.builder();
    while (!left.isEmpty()) {
      left.removeIf(connections -> !connections.hasNext());
      left.forEach(connections -> usable.add(connections.next()));
    }
    return usable.build();
  }

  /** Whether all that are reached were so just now. */
  private boolean areOpening() {
    return places.values().stream()
        .map(place -> place.server)
        .allMatch(server -> server.usable().isEmpty() || server.isOpening());
  }

  private String problems() {
    String each =
        listed(
            places.values().stream()
                .map(place -> place.server.name() + ": " + place.server.problem().orElse("?"))
                .toList());
    return places.size() == 1
        ? "cannot reach " + each
        : "can reach none of %d servers: %s".formatted(places.size(), each);
  }

  private String servers() {
    return listed(
        places.values().stream()
            .map(
                place ->
                    place.server.name()
                        + place.server.problem().map(problem -> " (" + problem + ")").orElse(""))
            .toList());
  }

  private static String listed(Collection<String> texts) {
    int more = texts.size() - NAMED;
    return String.join("; ", Iterables.limit(texts, NAMED))
        + (more > 0 ? "; and %d more".formatted(more) : "");
  }

  /** A server, and what it needs of gRPC. */
  private final class Place implements Server.Host {
    private final Server server;

    /** As they were resolved last: what they carry beside may change. */
    private EquivalentAddressGroup addresses;

    private SynchronizationContext.@Nullable ScheduledHandle wakeUp;

    private Place(EquivalentAddressGroup addresses) {
      this.addresses = addresses;
      this.server =
          new Server(
              name(addresses), addresses.getAddresses().size(), config, this, ticker, new Random());
    }

    private void close() {
      server.close();
      if (wakeUp != null) {
        wakeUp.cancel();
      }
    }

    @Override
    public Wire wire(int attempt) {
      SubchannelWire wire =
          new SubchannelWire(
              helper, rotated(addresses, attempt), config.connectTimeout(), wires::remove);
      wires.add(wire);
      return wire;
    }

    @Override
    public void wakeIn(Duration delay) {
      if (wakeUp != null) {
        wakeUp.cancel();
      }
      wakeUp = context.schedule(server::maintain, delay.toNanos(), TimeUnit.NANOSECONDS, timer);
    }

    @Override
    public void changed() {
      publish();
    }

    @Override
    public void lost() {
      Duration since = Duration.ofNanos(ticker.read() - lookedUpAt);
      lookUpIn(since.compareTo(LOOK_UP_PAUSE) < 0 ? LOOK_UP_PAUSE.minus(since) : Duration.ZERO);
    }

    @Override
    public void execute(Runnable task) {
      context.execute(task);
    }
  }

  /** Where the first address does not answer in time, the next attempt begins with the second. */
  private static EquivalentAddressGroup rotated(EquivalentAddressGroup group, int attempt) {
    List<SocketAddress> addresses = group.getAddresses();
    int first = Math.floorMod(attempt, addresses.size());
    return first == 0
        ? group
        : new EquivalentAddressGroup(
            ImmutableList.<SocketAddress>builder()
                .addAll(addresses.subList(first, addresses.size()))
                .addAll(addresses.subList(0, first))
                .build(),
            group.getAttributes());
  }

  private static String name(EquivalentAddressGroup group) {
    return group.getAddresses().stream().map(ProcessBalancer::text).collect(joining(" or "));
  }

  private static String text(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? new ServerAddress(InetAddresses.toAddrString(inet.getAddress()), inet.getPort())
            .toString()
        : address.toString();
  }
}
