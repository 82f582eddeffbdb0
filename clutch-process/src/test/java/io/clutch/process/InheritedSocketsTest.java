package io.clutch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which sockets a process was started with, as its environment says. */
class InheritedSocketsTest {

  private static final long PID = 4711;

  @Test
  void mostProcessesHaveNone() {
    assertThat(find(ImmutableMap.of())).isEmpty();
    assertThat(find(ImmutableMap.of("LISTEN_FDS", "0", "LISTEN_PID", "4711"))).isEmpty();
    assertThat(find(ImmutableMap.of("SERVER_STARTER_PORT", ""))).isEmpty();
  }

  @Test
  void systemdsBeginWithDescriptorThreeAndHaveNames() {
    assertThat(
            find(
                ImmutableMap.of(
                    "LISTEN_PID", "4711", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "web:admin")))
        .containsExactly(
            new InheritedSocket(3, "web", "LISTEN_FDS"),
            new InheritedSocket(4, "admin", "LISTEN_FDS"));
  }

  @Test
  void systemdsThatHaveNoNameAreUnknown() {
    assertThat(find(ImmutableMap.of("LISTEN_PID", "4711", "LISTEN_FDS", "1")))
        .containsExactly(new InheritedSocket(3, "unknown", "LISTEN_FDS"));
    assertThat(
            find(
                ImmutableMap.of(
                    "LISTEN_PID", "4711", "LISTEN_FDS", "3", "LISTEN_FDNAMES", ":admin")))
        .extracting(InheritedSocket::name)
        .containsExactly("unknown", "admin", "unknown");
  }

  @Test
  void thoseOfAnotherProcessAreIgnored() {
    assertThat(find(ImmutableMap.of("LISTEN_PID", "4712", "LISTEN_FDS", "1"))).isEmpty();
    assertThat(find(ImmutableMap.of("LISTEN_PID", "4712", "LISTEN_FDS", "nonsense"))).isEmpty();
    assertThat(find(ImmutableMap.of("LISTEN_FDS", "1"))).isEmpty();
    assertThat(find(ImmutableMap.of("LISTEN_PID", "4711"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "-1", "1.5", "99999999999"})
  void aCountThatIsNoneIsNamed(String count) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> find(ImmutableMap.of("LISTEN_PID", "4711", "LISTEN_FDS", count)))
        .withMessageContaining("LISTEN_FDS is '" + count + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9501=3,127.0.0.1:9501,3",
    "localhost:9501=12,localhost:9501,12",
    "9501=4,9501,4",
    "/run/clutch.sock=5,/run/clutch.sock,5",
    "/run/a=b.sock=5,/run/a=b.sock,5",
    "[::1]:9501=6,[::1]:9501,6",
    "[::]:9501=0,[::]:9501,0"
  })
  void serverStartersAreCalledAsTheyWereGiven(String ports, String name, int descriptor) {
    assertThat(find(ImmutableMap.of("SERVER_STARTER_PORT", ports)))
        .containsExactly(new InheritedSocket(descriptor, name, "SERVER_STARTER_PORT"));
  }

  @Test
  void serverStarterMayHaveOpenedSeveral() {
    assertThat(
            find(
                ImmutableMap.of(
                    "SERVER_STARTER_PORT", "127.0.0.1:9501=3;[::1]:9501=4; /run/c.sock=5;")))
        .extracting(InheritedSocket::name)
        .containsExactly("127.0.0.1:9501", "[::1]:9501", "/run/c.sock");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9501",
        "127.0.0.1:9501=",
        "127.0.0.1:9501=x",
        "=3",
        "3",
        "a=-1",
        "a=3;b",
        "a=3 4"
      })
  void portsThatMakeNoSenseAreNamedWithWhatIsLegal(String ports) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> find(ImmutableMap.of("SERVER_STARTER_PORT", ports)))
        .withMessageContainingAll("SERVER_STARTER_PORT is '" + ports + "'", "host:port=fd");
  }

  @Test
  void bothManagersSocketsAreFound() {
    assertThat(
            find(
                ImmutableMap.of(
                    "LISTEN_PID", "4711", "LISTEN_FDS", "1", "SERVER_STARTER_PORT", "9501=7")))
        .extracting(InheritedSocket::descriptor)
        .containsExactly(3, 7);
  }

  @Test
  void everyVariableThatSpeaksOfThemIsKnown() {
    assertThat(InheritedSockets.VARIABLES)
        .contains(
            "LISTEN_PID",
            "LISTEN_FDS",
            "LISTEN_FDNAMES",
            "SERVER_STARTER_PORT",
            "SERVER_STARTER_GENERATION");
  }

  private static ImmutableList<InheritedSocket> find(ImmutableMap<String, String> environment) {
    return InheritedSockets.find(environment::get, PID);
  }
}
