package io.clutch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The examples do what docs/examples.md shows. */
class ExamplesTest {

  private interface Example {
    void run(String[] args) throws IOException;
  }

  private static String outputOf(Example example) throws IOException {
    PrintStream original = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    try {
      example.run(new String[0]);
    } finally {
      System.setOut(original);
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  @Test
  void echo() throws IOException {
    assertThat(outputOf(Echo::main)).isEqualTo("you said: hello\n");
  }

  @Test
  void severalFunctions() throws IOException {
    assertThat(outputOf(SeveralFunctions::main).lines())
        .hasSize(5)
        .startsWith("QUIET", "one by one")
        .contains("(the worker says hello)");
  }

  @Test
  void cascade() throws IOException {
    assertThat(outputOf(Cascade::main))
        .isEqualTo("20! = 2432902008176640000\n100! is too deep: CASCADE_TOO_DEEP\n");
  }

  @Test
  void multi() throws IOException {
    String output = outputOf(Multi::main);
    assertThat(output.lines()).hasSize(4);
    assertThat(output.lines().toList().get(0)).endsWith("says 42");
    assertThat(output.lines().toList().get(1)).contains("/ by zero");
    assertThat(output.lines().toList().get(2)).endsWith("says 3");
    assertThat(output.lines().toList().get(3)).contains("no function 'nosuch'");
  }

  @Test
  void failOver() throws IOException {
    assertThat(outputOf(FailOver::main).lines().filter(line -> line.startsWith("answered")))
        .containsExactly("answered by [one, two]", "answered by [two]");
  }

  @Test
  void background() throws IOException {
    String output = outputOf(Background::main);
    assertThat(output.lines().filter(line -> line.startsWith("accepted as"))).hasSize(3);
    assertThat(output.lines().filter(line -> line.contains("sent, call"))).hasSize(3);
    assertThat(output).endsWith("the worker has ended\n");
  }

  @Test
  void durable() throws IOException {
    assertThat(outputOf(Durable::main).lines())
        .containsSubsequence(
            "accepted as invoice-42",
            "the worker has ended",
            "accepted as invoice-42",
            "job invoice-42, attempt 1",
            "job invoice-42, attempt 2",
            "DONE after 2 attempts",
            "mail to ann sent");
  }

  @Test
  void protobufMessages() throws IOException {
    assertThat(outputOf(ProtobufMessages::main)).contains("width: 200\n", "height: 150\n");
  }

  @Test
  void typedResults() throws IOException {
    assertThat(outputOf(TypedResults::main))
        .startsWith("Week[number=19, monday=2026-05-04]\n")
        .endsWith("Week[number=22, monday=2026-05-25]\n");
  }

  @Test
  void typedContract() throws IOException {
    assertThat(outputOf(TypedContract::main))
        .isEqualTo("Size[width=200, height=150]\nSize[width=100, height=75]\n");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void tracing() throws Exception {
    // In a process of its own: what the pool's processes print does not pass through System.out.
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Tracing.class.getName())
            .redirectError(Redirect.DISCARD)
            .start();
    List<String> lines;
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      lines = output.lines().filter(line -> line.contains("trace ")).toList();
      assertThat(process.waitFor()).isZero();
    } finally {
      process.destroyForcibly();
    }

    // One for the album; client, call, function and cascade for each of three; one wait or more.
    assertThat(lines).as("%s", lines).hasSizeGreaterThanOrEqualTo(1 + 3 * 4 + 1);
    assertThat(lines.stream().map(line -> line.replaceAll(".*trace (\\w+) .*", "$1")).distinct())
        .hasSize(1);
    assertThat(lines.stream().map(line -> line.replaceAll("trace.*", "")).distinct())
        .as("the processes")
        .hasSize(3);
    assertThat(lines)
        .anyMatch(line -> line.contains("CLIENT") && line.contains("thumbnail"))
        .anyMatch(line -> line.contains("SERVER") && line.contains("thumbnail"))
        .anyMatch(line -> line.contains("queue"))
        .anyMatch(line -> line.contains("function thumbnail"))
        .anyMatch(line -> line.contains("cascade scale"));
  }
}
