package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as a user types them. */
class CommandLineIT {

  private static final ClutchScript clutch = new ClutchScript();
  private static ClutchScript.WorkerProcess worker;
  private static Map<String, String> environment;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    worker = clutch.demoWorker();
    environment = Map.of("CLUTCH_SERVERS", worker.address());
  }

  @AfterAll
  static void stop() {
    clutch.close();
  }

  private static ClutchScript.Result run(String... arguments) throws Exception {
    return clutch.run(environment, "", arguments);
  }

  @Test
  void demoShowsEverythingAndEndsWell() throws Exception {
    ClutchScript.Result demo = clutch.run("demo");
    assertThat(demo.exitCode()).as(demo.err()).isZero();
    assertThat(demo.out())
        .containsPattern("\\d+:hello world")
        .contains("sleep 400 ms -> done by process")
        .contains("accepted as")
        .containsPattern("\\d+:through two functions")
        .contains("FUNCTION_NOT_FOUND")
        .contains("The worker exited with 0.");
  }

  @Test
  void textInTextOut() throws Exception {
    ClutchScript.Result result = run("call", "--text", "echo", "hello world");
    assertThat(result.out()).isEqualTo(worker.pid() + ":hello world\n");
    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).isEmpty();
  }

  @Test
  void textSurvivesThePlainestLocale() throws Exception {
    String text = "grüße 漢字 😀 'quoted' \"twice\"";
    for (String locale : List.of("C", "C.UTF-8")) {
      ClutchScript.Result result =
          clutch.run(
              Map.of("CLUTCH_SERVERS", worker.address(), "LC_ALL", locale),
              text,
              "call",
              "--text",
              "echo",
              "-");
      assertThat(result.out()).as(locale).isEqualTo(worker.pid() + ":" + text + "\n");
    }
    ClutchScript.Result result =
        clutch.run(
            Map.of("CLUTCH_SERVERS", worker.address(), "LC_ALL", "C.UTF-8"),
            "",
            "call",
            "--text",
            "echo",
            text);
    assertThat(result.out()).isEqualTo(worker.pid() + ":" + text + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\": [1, -0.0, 9223372036854775808, null]}", "\"text\"", "5", "null", "1e400"})
  void jsonIsPassedOnAsItIs(String json) throws Exception {
    ClutchScript.Result result = run("call", "identity", json);
    assertThat(result.out()).isEqualTo(json + "\n");
  }

  @Test
  void noArgumentAndNoResult() throws Exception {
    assertThat(run("call", "identity").out()).isEqualTo("null\n");
    assertThat(run("call", "--text", "echo").out()).isEqualTo(worker.pid() + ":\n");
  }

  @Test
  void bytesPrintAsBase64() throws Exception {
    var bytes =
        clutch.worker(
            Map.of(),
            "127.0.0.1:0",
            BytesWorker.class.getName(),
            "--classpath",
            Path.of(BytesWorker.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString());
    ClutchScript.Result result =
        clutch.run("call", "--servers", bytes.address(), "bytes", "\"AAEC/w==\"");
    assertThat(result.out())
        .isEqualTo("\"" + Base64.getEncoder().encodeToString(new byte[] {0, 1, 2, -1}) + "\"\n");
  }

  @Test
  void anUnknownFunctionExitsWith1AndNamesThoseThatExist() throws Exception {
    ClutchScript.Result result = run("call", "nosuch");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("FUNCTION_NOT_FOUND", "'nosuch'", "echo", "not started");
  }

  @Test
  void aFailedFunctionExitsWith1() throws Exception {
    ClutchScript.Result result = run("call", "--text", "fail", "disk on fire");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("FUNCTION_FAILED", "disk on fire", "was started");
  }

  @Test
  void timeThatRunsOutExitsWith3() throws Exception {
    long start = System.nanoTime();
    ClutchScript.Result result = run("call", "--timeout", "200ms", "sleep", "5000");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("200 ms");
    // Well before the function would have ended; how long a JVM takes to start is another matter.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void nobodyThereExitsWith3() throws Exception {
    ClutchScript.Result result =
        clutch.run("call", "--servers", "127.0.0.1:1", "--timeout", "300ms", "echo");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("UNAVAILABLE", "127.0.0.1:1", "not started");
  }

  @Test
  void aGrpcTargetIsReached() throws Exception {
    String target = "dns:///" + worker.address();
    assertThat(clutch.run("call", "--servers", target, "--text", "echo", "x").out())
        .isEqualTo(worker.pid() + ":x\n");
  }

  @Test
  void backgroundPrintsTheId() throws Exception {
    Path file = folder.resolve("count");
    ClutchScript.Result result = run("call", "--background", "count", "\"" + file + "\"");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).matches("\\S+\n");
    Awaitility.await().until(() -> Files.exists(file));
  }

  @Test
  void multiPrintsAnOutcomeALineInOrder() throws Exception {
    String input =
        """
        {"function":"sleep","args":300}
        {"function":"identity","args":{"n":-0.0,"t":"a\\nb"}}

        {"function":"fail","args":"oh"}
        this is no JSON
        {"args":1}
        {"function":"identity"}
        """;
    ClutchScript.Result result = clutch.run(environment, input, "multi");
    assertThat(result.exitCode()).isEqualTo(1);
    List<String> lines = result.out().lines().toList();
    assertThat(lines).hasSize(6);
    assertThat(lines.get(0)).isEqualTo("{\"result\":" + worker.pid() + "}");
    assertThat(lines.get(1)).isEqualTo("{\"result\":{\"n\":-0.0,\"t\":\"a\\nb\"}}");
    assertThat(lines.get(2)).contains("\"reason\":\"FUNCTION_FAILED\"", "oh", "\"started\":true");
    assertThat(lines.get(3)).contains("BAD_ARGUMENTS", "line 5", "\"started\":false");
    assertThat(lines.get(4)).contains("BAD_ARGUMENTS", "line 6", "\"started\":false");
    assertThat(lines.get(5)).isEqualTo("{\"result\":null}");
  }

  @Test
  void multiTakesMoreThanItHasUnderWay() throws Exception {
    String input =
        IntStream.range(0, 3000)
            .mapToObj(i -> "{\"function\":\"identity\",\"args\":" + i + "}\n")
            .collect(Collectors.joining());
    ClutchScript.Result result = clutch.run(environment, input, "multi", "--outstanding", "50");
    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out().lines())
        .containsExactlyElementsOf(
            IntStream.range(0, 3000).mapToObj(i -> "{\"result\":" + i + "}").toList());
  }

  @Test
  void multiInTheBackgroundGivesIds() throws Exception {
    ClutchScript.Result result =
        clutch.run(environment, "{\"function\":\"sleep\",\"args\":1}\n", "multi", "--background");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).matches("\\{\"result\":\"\\S+\"}\n");
  }

  @Test
  void functionsAreListedWithTheirValues() throws Exception {
    ClutchScript.Result result = run("functions");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out())
        .contains("pid " + worker.pid())
        .containsPattern("echo +\\(String\\) -> String")
        .containsPattern("crash +\\(\\) -> nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nosuch",
        "call",
        "call echo one two",
        "call identity {",
        "call --timeout soon echo",
        "call --timeout 0s echo",
        "call --servers nowhere echo",
        "call --servers a:1,dns:///b echo",
        "multi --outstanding 0",
        "worker",
        "worker --main no.such.Class",
        "worker --main java.lang.String",
        "worker --main io.clutch.examples.DemoWorker --address nowhere",
        "worker --main io.clutch.examples.DemoWorker --classpath /no/such/folder",
        "functions --nosuch"
      })
  void wrongUsageExitsWith2AndSaysWhy(String line) throws Exception {
    String[] arguments =
        Splitter.on(' ').omitEmptyStrings().splitToStream(line).toArray(String[]::new);
    ClutchScript.Result result = clutch.run(arguments);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("Usage: clutch").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "demo", "worker", "call", "multi", "functions"})
  void everyCommandHasHelp(String command) throws Exception {
    ClutchScript.Result result =
        command.isEmpty() ? clutch.run("--help") : clutch.run(command, "--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("Usage: clutch");
  }

  @Test
  void completionIsAScript() throws Exception {
    ClutchScript.Result result = clutch.run("generate-completion");
    assertThat(result.exitCode()).isZero();
    Path script = folder.resolve("completion");
    Files.writeString(script, result.out(), StandardCharsets.UTF_8);
    Process bash = new ProcessBuilder("bash", "-n", script.toString()).inheritIO().start();
    assertThat(bash.waitFor()).isZero();
  }
}
