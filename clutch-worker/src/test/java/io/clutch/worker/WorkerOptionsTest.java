package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.clutch.process.Overrides;
import io.clutch.protocol.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options, addresses, and what is wrong with them. */
class WorkerOptionsTest {

  @Test
  void portZeroBecomesARealPort() throws IOException {
    try (Worker worker = Worker.builder().address("127.0.0.1:0").build().start()) {
      assertThat(worker.address().host()).isEqualTo("127.0.0.1");
      assertThat(worker.address().port()).isPositive();
    }
  }

  @Test
  void severalAddressesAreServed() throws Exception {
    try (Worker worker =
        Worker.builder()
            .address("127.0.0.1:0, 127.0.0.1:0")
            .function("one", () -> 1)
            .build()
            .start()) {
      assertThat(worker.addresses()).hasSize(2).doesNotHaveDuplicates();
      try (TestCaller caller = new TestCaller(worker)) {
        assertThat(caller.call("one", null, Integer.class)).isEqualTo(1);
      }
    }
  }

  @Test
  void ipv6IsServed() throws Exception {
    assumeTrue(
        NetworkInterface.getByInetAddress(InetAddress.getAllByName("::1")[0]) != null,
        "no IPv6 here");
    try (Worker worker =
            Worker.builder().address("[::1]:0").function("one", () -> 1).build().start();
        TestCaller caller = new TestCaller(worker)) {
      assertThat(worker.address().toString()).startsWith("[::1]:");
      assertThat(caller.call("one", null, Integer.class)).isEqualTo(1);
    }
  }

  @Test
  void anAddressInUseIsNamedWithTheCause() throws IOException {
    try (Worker first = Worker.builder().address("127.0.0.1:0").build().start()) {
      String address = first.address().toString();
      Worker second = Worker.builder().address(address).build();
      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(address)
          .hasMessageContaining("in use");
    }
  }

  @Test
  void whereOneAddressIsInUseTheOthersAreLetGo() throws Exception {
    try (Worker first = Worker.builder().address("127.0.0.1:0").build().start()) {
      int free;
      try (Worker passing = Worker.builder().address("127.0.0.1:0").build().start()) {
        free = passing.address().port();
      }
      String freeAndUsed = "127.0.0.1:" + free + "," + first.address();
      Worker second = Worker.builder().address(freeAndUsed).build();

      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(first.address().toString());

      try (Worker third = Worker.builder().address("127.0.0.1:" + free).build()) {
        await().ignoreException(IOException.class).untilAsserted(third::start);
      }
    }
  }

  @Test
  void anUnknownHostIsNamed() {
    Worker worker = Worker.builder().address("no-such-host.invalid:9501").build();
    assertThatThrownBy(worker::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-host.invalid:9501")
        .hasMessageContaining("unknown host");
  }

  @Test
  void startsOnce() throws IOException {
    try (Worker worker = Worker.builder().address("127.0.0.1:0").build()) {
      assertThatThrownBy(worker::addresses).isInstanceOf(IllegalStateException.class);
      ServerAddress address = worker.start().address();
      assertThatThrownBy(worker::start).isInstanceOf(IllegalStateException.class);
      assertThat(worker.address()).isEqualTo(address);
      worker.close();
    }
  }

  @Test
  void wrongOptionsAreNamedWithTheirValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Worker.builder().concurrency(0).build())
        .withMessage("concurrency is 0: want 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Worker.builder().queueCapacity(-1).build())
        .withMessage("queueCapacity is -1: want 0 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Worker.builder().timeout(Duration.ofMillis(-1)).build())
        .withMessageContaining("timeout is PT-0.001S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Worker.builder().maxMessageSize(0).build())
        .withMessageContaining("maxMessageSize is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Worker.builder().address("nowhere").build())
        .withMessageContaining("'nowhere'")
        .withMessageContaining("host:port");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Worker.builder().function("f", () -> 1).function("f", () -> 2))
        .withMessage("function 'f' is registered twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\nb", "\u0000"})
  void whatIsNoNameOfAFunctionIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FunctionDefinition.named(name))
        .withMessageContaining("no function name");
  }

  @Test
  void aNameTooLongIsRefused() {
    assertThat(FunctionDefinition.named("x".repeat(255)).runs((a, call) -> null).name())
        .hasSize(255);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FunctionDefinition.named("x".repeat(256)));
  }

  @Test
  void propertiesWinOverTheEnvironmentAndThatOverTheProgram() {
    Map<String, String> properties = Map.of("clutch.queueCapacity", "1");
    Map<String, String> environment =
        Map.of(
            "CLUTCH_QUEUE_CAPACITY", "2",
            "CLUTCH_TIMEOUT", "1500ms",
            "CLUTCH_ADDRESS", "10.0.0.1:1",
            "CLUTCH_CONCURRENCY", " ");
    Overrides overrides = new Overrides(properties::get, environment::get);

    assertThat(overrides.get("queueCapacity", 3)).isEqualTo(1);
    assertThat(overrides.get("timeout", Duration.ZERO)).isEqualTo(Duration.ofMillis(1500));
    assertThat(overrides.find("address", text -> text)).hasValue("10.0.0.1:1");
    assertThat(overrides.get("concurrency", 4)).isEqualTo(4);
    assertThat(overrides.get("gracefulTimeout", Duration.ofSeconds(3)))
        .isEqualTo(Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @CsvSource({"CLUTCH_CONCURRENCY,many", "CLUTCH_CONCURRENCY,1.5"})
  void aWrongOverrideIsNamed(String name, String value) {
    Overrides overrides = new Overrides(unset -> null, Map.of(name, value)::get);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> overrides.get("concurrency", 1))
        .withMessageContaining(name + " is '" + value + "'");
  }

  @Test
  void aWrongAddressFromOutsideIsNamedByItsVariable() {
    Overrides overrides = new Overrides(unset -> null, Map.of("CLUTCH_ADDRESS", "nowhere")::get);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Worker.Builder(overrides, false).build())
        .withMessageContaining("CLUTCH_ADDRESS is 'nowhere'")
        .withMessageContaining("host:port");
  }
}
