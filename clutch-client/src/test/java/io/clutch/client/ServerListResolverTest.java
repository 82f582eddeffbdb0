package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ServerListResolverTest {

  @Test
  void aNameWithSeveralAddressesIsOneServer() throws IOException {
    // localhost has an IPv4 and, where the machine has it, an IPv6 address; only one is served.
    try (Worker worker = greeter("127.0.0.1:0");
        ClutchClient client =
            ClutchClient.builder().servers("localhost:" + worker.address().port()).build()) {
      assertThat(client.request("greet", "you", String.class)).isEqualTo("Hello, you");
    }
  }

  @Test
  void anIpv6AddressStandsInBrackets() throws IOException {
    InetAddress loopback = InetAddress.getAllByName("::1")[0];
    assumeThat(loopback).isInstanceOf(Inet6Address.class);
    assumeThat(NetworkInterface.getByInetAddress(loopback)).isNotNull();
    try (Worker worker = greeter("[::1]:0");
        ClutchClient client =
            ClutchClient.builder().servers("[::1]:" + worker.address().port()).build()) {
      assertThat(client.request("greet", "you", String.class)).isEqualTo("Hello, you");
    }
  }

  @Test
  void anUnknownHostIsAClearError() {
    try (ClutchClient client = ClutchClient.builder().servers("nosuch.invalid:9501").build()) {
      ClutchException failure =
          Failures.of(
              () -> client.request(Request.of("greet", "x").withTimeout(Duration.ofSeconds(2))));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("unknown host").hasMessageContaining("nosuch");
    }
  }

  @Test
  void anUnknownHostLeavesTheOtherServers() throws IOException {
    try (Worker worker = greeter("127.0.0.1:0");
        ClutchClient client =
            ClutchClient.builder()
                .servers("nosuch.invalid:9501", worker.address().toString())
                .build()) {
      assertThat(client.request("greet", "you", String.class)).isEqualTo("Hello, you");
    }
  }

  private static Worker greeter(String address) throws IOException {
    return Worker.builder()
        .address(address)
        .function("greet", String.class, name -> "Hello, " + name)
        .build()
        .start();
  }
}
