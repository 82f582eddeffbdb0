package io.clutch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
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
        "jobs --help",
        "job --help",
        "cancel --help",
        "retry --help",
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
        "multi --durable",
        "call --durable echo",
        "call --job-id a echo",
        "call --background --unique-key a echo",
        "call --background --delay 1s echo",
        "call --background --at 2026-12-01T03:00:00Z echo",
        "call --background --priority high echo",
        "call --background --max-attempts 3 echo",
        "call --background --backoff 1s echo",
        "call --background --expires 1h echo",
        "call --background --keep-result 1h echo",
        "call --background --json echo",
        "jobs --limit 0",
        "jobs --count --limit 5",
        "job",
        "job a b",
        "job --text a",
        "cancel",
        "retry",
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
        "--delay soon | delay: 'soon' is not a duration",
        "--delay 1s --at 2026-12-01T03:00:00Z | delay and at: want one of them",
        "--at tomorrow | at: 'tomorrow' is not a time: want one such as",
        "--priority urgent | priority: 'urgent' is none: want high, normal, low",
        "--max-attempts 0 | maxAttempts is 0: want 1 or more",
        "--max-attempts many | --max-attempts",
        "--backoff x | backoff: 'x' is not a duration",
        "--expires 0s | expiresAfter is PT0S: want more than 0",
        "--keep-result 0s | keepResult is PT0S: want more than 0",
        "--job-id= | jobId is empty: want 1 to 200 characters"
      })
  void whatIsWrongWithAJobIsNamed(String options, String message) {
    assertThat(run("call --background --durable " + options + " echo")).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jobs --state sleeping | --state: 'sleeping' is none: want scheduled, pending",
        "jobs --state dead,unknown | --state: 'unknown' is none",
        "jobs --function= | function is empty",
        "worker --store= --main java.lang.String | --store is empty",
        "worker --store mysql://host/db --main java.lang.String | --store begins with 'mysql://'",
        "worker --job-lease soon --main java.lang.String | --job-lease",
        "supervise --store= -- true | --store is empty"
      })
  void wrongUsageOfJobsAndTheirStoreIsNamed(String command, String message) {
    assertThat(run(command)).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void anIdOfAJobThatIsTooLongIsWrongUsage() {
    assertThat(run("job " + "x".repeat(201))).isEqualTo(2);
    assertThat(err.toString()).contains("201 characters: want 1 to 200");
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
