package io.clutch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.worker.Worker;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.inprocess.InProcessSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client's own policies over channels that the program describes itself. */
@Timeout(60)
final class InProcessBalanceTest {

  private static final Duration LONG = Duration.ofSeconds(40);

  private final CountDownLatch release = new CountDownLatch(1);

  private Worker worker(String name) throws IOException {
    return Worker.builder()
        .concurrency(2)
        .function("name", () -> name)
        .function(
            "which",
            () -> {
              release.await();
              return name;
            })
        .build()
        .start(InProcessServerBuilder.forName(name));
  }

  @Test
  void theDefaultPolicyWorksOverOneInProcessServer() throws IOException {
    String name = InProcessServerBuilder.generateName();
    release.countDown();
    try (Worker worker = worker(name);
        ClutchClient client =
            ClutchClient.builder().channel(InProcessChannelBuilder.forName(name)).build()) {
      assertThat(worker.addresses()).isEmpty();
      assertThat(client.request("which", null, String.class)).isEqualTo(name);
    }
  }

  @Test
  void callsGoToTheInProcessServerWithTheFewest() throws IOException {
    String one = InProcessServerBuilder.generateName();
    String two = InProcessServerBuilder.generateName();
    Resolver resolver = new Resolver(one, two);
    NameResolverRegistry.getDefaultRegistry().register(resolver);
    try (Worker first = worker(one);
        Worker second = worker(two);
        ClutchClient client =
            ClutchClient.builder()
                .channel(InProcessChannelBuilder.forTarget(resolver.target()))
                .timeout(LONG)
                .build()) {
      Set<String> connected = new HashSet<>();
      await()
          .atMost(LONG)
          .until(
              () -> {
                connected.add(client.request("name", null, String.class));
                return connected.size() == 2;
              });
      List<CompletableFuture<String>> calls =
          Stream.generate(() -> client.requestAsync("which", null, String.class)).limit(4).toList();
      release.countDown();

      assertThat(calls.stream().map(CompletableFuture::join))
          .containsExactlyInAnyOrder(one, one, two, two);

      first.close();
      assertThat(client.request(Request.of("which", null, String.class))).isEqualTo(two);
    } finally {
      NameResolverRegistry.getDefaultRegistry().deregister(resolver);
    }
  }

  /** Resolves its own scheme to servers in this process. */
  private static final class Resolver extends NameResolverProvider {
    private final String scheme = "in-process-" + InProcessServerBuilder.generateName();
    private final ImmutableList<EquivalentAddressGroup> servers;

    Resolver(String... names) {
      servers =
          Stream.of(names)
              .map(name -> new EquivalentAddressGroup(new InProcessSocketAddress(name)))
              .collect(ImmutableList.toImmutableList());
    }

    String target() {
      return scheme + ":///";
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 1;
    }

    @Override
    public String getDefaultScheme() {
      return scheme;
    }

    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
      return List.of(InProcessSocketAddress.class);
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      return new NameResolver() {
        @Override
        public String getServiceAuthority() {
          return "localhost";
        }

        @Override
        public void start(Listener2 listener) {
          Status unused =
              listener.onResult2(
                  ResolutionResult.newBuilder()
                      .setAddressesOrError(StatusOr.fromValue(servers))
                      .build());
        }

        @Override
        public void shutdown() {}
      };
    }
  }
}
