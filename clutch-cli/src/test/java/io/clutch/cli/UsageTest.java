package io.clutch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say before they do anything. Words are separated by spaces. */
final class UsageTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String command) {
    List<String> words = Splitter.on(' ').omitEmptyStrings().splitToList(command);
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
        .execute(words.toArray(new String[0]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "demo --help",
        "worker --help",
        "supervise --help",
        "call --help",
        "multi --help",
        "functions --help",
        "status --help",
        "watch --help",
        "restart --help",
        "scale --help",
        "stop --help",
        "bench --help",
        "help call"
      })
  void helpIsEverywhere(String command) {
    assertThat(run(command)).isZero();
    assertThat(out.toString()).contains("Usage: clutch");
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nosuchcommand",
        "call",
        "call --nosuch echo",
        "call --timeout soon echo",
        "call --timeout 0s echo",
        "call --servers nonsense echo",
        "call --servers dns:///a:1,b:2 echo",
        "call --connections many echo",
        "call --connections 0 echo",
        "call --connections 20000 echo",
        "call --balance nosuch echo",
        "call echo {not-json",
        "multi --outstanding 0",
        "worker",
        "worker --main nosuch.Class",
        "worker --main java.lang.String",
        "worker --main nosuch.Class --classpath /nosuch/folder"
      })
  void wrongUsageIsSaidAndEndsWith2(String command) {
    assertThat(run(command)).as(err.toString()).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "supervise | want --main CLASS, or the command",
        "supervise --max-workers 0 -- true | max-workers is 0",
        "supervise --timeout soon -- true | --timeout: 'soon' is not",
        "supervise --classpath x -- true | --classpath goes with --main"
      })
  void wrongUsageOfAPoolIsNamed(String command, String message) {
    assertThat(run(command)).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }
}
