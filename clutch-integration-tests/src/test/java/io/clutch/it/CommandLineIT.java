package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Stopwatch;
import io.clutch.it.ClutchProcesses.Result;
import io.clutch.it.ClutchProcesses.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Order(1)
@Timeout(300)
final class CommandLineIT {

  @AutoClose private static final ClutchProcesses CLUTCH = ClutchProcesses.quick();
  private static Running demo;
  private static Running test;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    demo = CLUTCH.demoWorker();
    test = CLUTCH.testWorker();
  }

  @Test
  void demoShowsAPoolAndEveryWayToCallAndEndsWell() {
    Result result = CLUTCH.run("demo");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out())
        .containsPattern("\\d+:hello world")
        .containsPattern("(?:process \\d+: \\d+ calls\\s+){4}")
        .contains("-> function 'fail' failed: two went wrong")
        .contains("accepted as")
        .containsPattern("\\d+:through two functions")
        .contains("FUNCTION_NOT_FOUND")
        .contains("The pool is whole again")
        .contains("4 of 4 are replaced.")
        .containsPattern("\\d+ calls meanwhile, 0 failed")
        .contains("It exited with 0.");
  }

  @Test
  void benchCountsCallsAndFailures() {
    Result fine =
        CLUTCH.run(
            "bench",
            "--servers",
            demo.address(),
            "--warmup",
            "100ms",
            "--duration",
            "500ms",
            "--text",
            "echo",
            "x");
    assertThat(fine.exitCode()).as(fine.err()).isZero();
    assertThat(fine.out())
        .containsPattern("calls: [1-9]\\d*\\nfailed: 0\\nrate: \\d+/s\\n")
        .contains("p50: ", "p99.9: ", "max: ");

    Result failing =
        CLUTCH.run(
            "bench",
            "--servers",
            demo.address(),
            "--warmup",
            "0s",
            "--duration",
            "100ms",
            "nosuch");
    assertThat(failing.exitCode()).isEqualTo(1);
    assertThat(failing.out()).doesNotContain("failed: 0");
    assertThat(failing.err()).contains("calls failed: FUNCTION_NOT_FOUND");

    Result wrong = CLUTCH.run("bench", "--outstanding", "0", "echo");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("--outstanding is 0: want 1 or more");
  }

  @Test
  void benchMakesCallsAtASteadyRate() {
    Result fine =
        CLUTCH.run(
            "bench",
            "--servers",
            demo.address(),
            "--rate",
            "50/s",
            "--duration",
            "1s",
            "--text",
            "echo",
            "x");
    assertThat(fine.exitCode()).as(fine.err()).isZero();
    assertThat(fine.out())
        .containsPattern("calls: 50\\nfailed: 0\\nrate: \\d+/s\\n")
        .contains("p50: ", "p90: ", "p99: ", "p99.9: ", "max: ");

    Result wrong = CLUTCH.run("bench", "--rate", "fast", "echo");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("--rate").contains("'fast' is no rate");
  }

  @Test
  void aTextResultIsPrintedBare() {
    Result result = call("--text", "echo", "hello world");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out()).isEqualTo(demo.pid() + ":hello world\n");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void progressIsABarOnATerminalAndNothingElsewhere() {
    String steps = "{\"steps\": 3, \"millis\": 100}";
    Result plain = call("progress", steps);
    assertThat(plain.out()).isEqualTo("3\n");
    assertThat(plain.err()).isEmpty();

    assumeThat(Path.of("/usr/bin/script"))
        .as("util-linux's script, to play a terminal")
        .isExecutable();
    String command =
        "%s call --servers %s progress '%s'"
            .formatted(ClutchProcesses.SCRIPT, demo.address(), steps);
    Result watched =
        CLUTCH.startCommand(List.of("/usr/bin/script", "-qec", command, "/dev/null")).awaitResult();
    assertThat(watched.exitCode()).as(watched.out()).isZero();
    assertThat(watched.out())
        .contains("[##############################] 3/3 step 3")
        .endsWith("\r\u001b[K3\r\n");
  }

  @Test
  void aResultIsPrintedAsJson() {
    assertThat(call("echo", "\"hi\"").out()).isEqualTo("\"" + demo.pid() + ":hi\"\n");
    assertThat(call("identity", "{\"a\": [1, -0.0, null]}").out())
        .isEqualTo("{\"a\": [1, -0.0, null]}\n");
    assertThat(call("identity").out()).isEqualTo("null\n");
  }

  @Test
  void anUnknownFunctionExitsWith1AndNamesThoseThatExist() {
    Result result = call("nosuch");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("FUNCTION_NOT_FOUND")
        .contains("nosuch")
        .contains("echo, fail, identity")
        .contains("the function was not started");
  }

  @Test
  void aFailingFunctionExitsWith1AndTellsItsMessage() {
    Result result = call("--text", "fail", "my message");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("my message").contains("the function was started");
  }

  @Test
  void aTimeoutExitsWith3LongBeforeTheFunctionEnds() {
    // A process of its own takes seconds to start, where the machine has much else to do.
    Duration takes = Duration.ofMinutes(4);
    Stopwatch stopwatch = Stopwatch.createStarted();

    Result result = call("--timeout", "200ms", "sleep", String.valueOf(takes.toMillis()));

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(stopwatch.elapsed()).isLessThan(takes);
    assertThat(result.err()).contains("DEADLINE_EXCEEDED");
  }

  @Test
  void noWorkerExitsWith3AndNamesTheAddress() throws IOException {
    String address;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = "127.0.0.1:" + socket.getLocalPort();
    }

    Result result = CLUTCH.run("call", "--servers", address, "--timeout", "3s", "echo");

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("UNAVAILABLE").contains(address);
  }

  @Test
  void termDuringACallLetsItEndAndExitsWith0() {
    Path running = folder.resolve("running");
    Running worker = CLUTCH.testWorker();
    Running call =
        CLUTCH.start("call", "--servers", worker.address(), "--text", "hold", running.toString());
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(running));

    worker.terminate();
    worker.awaitErr("draining");
    assertThat(running.toFile().delete()).isTrue();

    assertThat(call.awaitExit()).as(call.err()).isZero();
    assertThat(call.out()).isEqualTo("released\n");
    assertThat(worker.awaitExit()).isZero();
  }

  @Test
  void theArgumentComesFromStandardInputForAHyphen() {
    String text = "two lines\nand \"quotes\", é, 😀\n";

    Result bare =
        CLUTCH.runWithInput(text, "call", "--servers", demo.address(), "--text", "echo", "-");
    Result json =
        CLUTCH.runWithInput("[1,\n2]", "call", "--servers", demo.address(), "identity", "-");

    assertThat(bare.out()).isEqualTo(demo.pid() + ":" + text + "\n");
    assertThat(json.out()).isEqualTo("[1, 2]\n");
  }

  @Test
  void bytesArePrintedAsBase64() {
    Result result = CLUTCH.run("call", "--servers", test.address(), "bytes");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out()).isEqualTo("null\n");
    Result three = CLUTCH.run("call", "--servers", test.address(), "threeBytes");
    assertThat(three.out()).isEqualTo("\"AP8Q\"\n");
  }

  @Test
  void aBackgroundCallPrintsItsId() throws IOException {
    Path file = folder.resolve("lines");

    Result result = call("--background", "--text", "count", file.toString());

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out()).matches("\\S+\n");
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(file));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.readString(file).equals(demo.pid() + "\n"));
  }

  @Test
  void aBackgroundCallOfAnUnknownFunctionExitsWith1() {
    assertThat(call("--background", "nosuch").exitCode()).isEqualTo(1);
  }

  @Test
  void multiPrintsOneOutcomeALineInOrder() {
    String input =
        """
        {"function": "sleep", "args": 300}
        {"function": "identity", "args": {"a": "é"}}

        {"function": "nosuch"}
        not json
        {"args": 1}
        {"function": "identity", "idempotent": true}
        """;

    Result result = CLUTCH.runWithInput(input, "multi", "--servers", demo.address());

    assertThat(result.exitCode()).isEqualTo(1);
    List<String> lines = result.out().lines().toList();
    assertThat(lines).as(result.err()).hasSize(6);
    assertThat(lines.get(0)).isEqualTo("{\"result\":" + demo.pid() + "}");
    assertThat(lines.get(1)).isEqualTo("{\"result\":{\"a\":\"é\"}}");
    assertThat(lines.get(2)).contains("FUNCTION_NOT_FOUND").contains("\"started\":false");
    assertThat(lines.get(3)).contains("BAD_ARGUMENTS").contains("line 5");
    assertThat(lines.get(4)).contains("BAD_ARGUMENTS").contains("line 6");
    assertThat(lines.get(5)).isEqualTo("{\"result\":null}");
  }

  @Test
  void multiExitsWith0WhereAllSucceed() {
    StringBuilder input = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      input.append("{\"function\":\"identity\",\"args\":").append(i).append("}\n");
      expected.add("{\"result\":" + i + "}");
    }

    Result result = CLUTCH.runWithInput(input.toString(), "multi", "--servers", demo.address());

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out().lines()).containsExactlyElementsOf(expected);
  }

  @Test
  void multiInTheBackgroundPrintsIds() {
    Result result =
        CLUTCH.runWithInput(
            "{\"function\":\"identity\"}\n{\"function\":\"nosuch\"}\n",
            "multi",
            "--background",
            "--servers",
            demo.address());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out().lines().toList().get(0)).matches("\\{\"result\":\"\\S+\"}");
    assertThat(result.out().lines().toList().get(1)).contains("FUNCTION_NOT_FOUND");
  }

  @Test
  void functionsListsWhatEachServerHas() {
    Result result = CLUTCH.run("functions", "--servers", demo.address() + "," + test.address());

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(demo.address() + ": pid " + demo.pid())
        .contains(test.address() + ": pid " + test.pid())
        .containsPattern("echo +\\(String\\) -> String");
  }

  @Test
  void aGrpcTargetWorksInPlaceOfAList() {
    Result result =
        CLUTCH.run("call", "--servers", "dns:///127.0.0.1:" + demo.port(), "--text", "echo", "hi");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out()).isEqualTo(demo.pid() + ":hi\n");
  }

  @Test
  void argumentsBeyondAsciiSurviveAnyLocale() throws IOException {
    String text = "Zoë, 世界 and 😀";
    String command =
        "'%s' call --servers %s --text echo '%s'%n"
            .formatted(ClutchProcesses.SCRIPT, demo.address(), text);
    for (String locale : List.of("C", "C.UTF-8", "nosuch_LOCALE")) {
      Result result = CLUTCH.runScript("LC_ALL=" + locale + " " + command);

      assertThat(result.out()).as("LC_ALL=%s", locale).isEqualTo(demo.pid() + ":" + text + "\n");
    }
  }

  @Test
  void versionIsPrinted() {
    assertThat(CLUTCH.run("--version").out()).matches("clutch \\d\\S+\n");
  }

  @Test
  void wrongUsageExitsWith2() {
    Result result = CLUTCH.run("call", "--timeout", "soon", "echo");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("'soon'");
  }

  @Test
  void theCompletionIsABashScript() throws IOException {
    Result result = CLUTCH.run("generate-completion");
    assertThat(result.exitCode()).isZero();
    Path script = Files.writeString(folder.resolve("completion"), result.out());

    assertThat(CLUTCH.runScript("bash -n '" + script + "'").exitCode()).isZero();
    assertThat(result.out()).contains("functions").contains("--servers");
  }

  private static Result call(String... arguments) {
    List<String> all = new ArrayList<>(List.of("call", "--servers", demo.address()));
    all.addAll(List.of(arguments));
    return CLUTCH.run(all.toArray(new String[0]));
  }
}
