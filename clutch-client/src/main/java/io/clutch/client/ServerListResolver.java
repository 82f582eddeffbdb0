package io.clutch.client;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ServerAddress;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A fixed list of servers. A name among them stands for one server however many addresses it has
 * ({@code localhost} has two); names are looked up again when gRPC asks for it, as it does after a
 * failure.
 */
final class ServerListResolver extends NameResolver {

  private final ImmutableList<ServerAddress> servers;
  private final SynchronizationContext context;
  private final Executor lookups;
  private final ScheduledExecutorService timer;

  /** Owned by the synchronization context. */
  private @Nullable Listener2 listener;

  /** Owned by the synchronization context. */
  private boolean lookingUp;

  ServerListResolver(ImmutableList<ServerAddress> servers, Args args) {
    this.servers = servers;
    this.context = args.getSynchronizationContext();
    this.timer = args.getScheduledExecutorService();
    Executor given = args.getOffloadExecutor();
    this.lookups = given == null ? Runnable::run : given;
  }

  @Override
  public String getServiceAuthority() {
    return "clutch";
  }

  @Override
  public void start(Listener2 newListener) {
    listener = newListener;
    refresh();
  }

  @Override
  public void refresh() {
    if (!lookingUp && listener != null) {
      lookingUp = true;
      lookups.execute(this::lookUp);
    }
  }

  private void lookUp() {
    List<String> unknown = new ArrayList<>();
    ResolutionResult result = resolve(unknown);
    context.execute(
        () -> {
          lookingUp = false;
          Listener2 current = listener;
          if (current != null) {
            Status unused = current.onResult2(result);
            if (!unknown.isEmpty()) {
              // gRPC asks again when a connection fails; these have none that could.
              var unusedHandle = context.schedule(this::refresh, 1, TimeUnit.SECONDS, timer);
            }
          }
        });
  }

  private ResolutionResult resolve(List<String> unknown) {
    ImmutableList.Builder<EquivalentAddressGroup> found = ImmutableList.builder();
    for (ServerAddress server : servers) {
      try {
        // Each server's certificate is to be its own.
        found.add(
            new EquivalentAddressGroup(
                addresses(server),
                Attributes.newBuilder()
                    .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, server.toString())
                    .build()));
      } catch (UnknownHostException e) {
        unknown.add(server.toString());
      }
    }
    ImmutableList<EquivalentAddressGroup> groups = found.build();
    StatusOr<List<EquivalentAddressGroup>> addresses =
        groups.isEmpty()
            ? StatusOr.fromStatus(Status.UNAVAILABLE.withDescription("unknown host: " + unknown))
            : StatusOr.fromValue(groups);
    return ResolutionResult.newBuilder().setAddressesOrError(addresses).build();
  }

  private static ImmutableList<SocketAddress> addresses(ServerAddress server)
      throws UnknownHostException {
    return Arrays.stream(InetAddress.getAllByName(server.host()))
        .map(address -> (SocketAddress) new InetSocketAddress(address, server.port()))
        .collect(toImmutableList());
  }

  @Override
  public void shutdown() {
    listener = null;
  }
}
