package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients in other languages, with nothing but the .proto files. */
class InteropIT {

  private static final Path PROTOS = ClutchProcesses.ROOT.resolve("clutch-protocol/src/main/proto");
  private static final Path PROGRAMS =
      ClutchProcesses.ROOT.resolve("clutch-integration-tests/src/test/interop");
  private static final Path ERROR_DETAILS = PROGRAMS.resolve("error_details.proto");
  private static final ClutchProcesses clutch = new ClutchProcesses();

  private static final String TOKEN = "interop-token-0123456789";

  @TempDir private static Path secrets;
  private static Pki pki;
  private static ClutchProcesses.Running worker;
  private static ClutchProcesses.Running secureWorker;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    worker = clutch.demoWorker();
    pki = Pki.create(secrets);
    Pki.Pem server = pki.server("worker");
    secureWorker =
        clutch.start(
            "worker",
            "--address",
            "127.0.0.1:0",
            "--tls-certificate",
            server.certificate().toString(),
            "--tls-key",
            server.key().toString(),
            "--tokens",
            Files.writeString(secrets.resolve("tokens"), "interop " + TOKEN + "\n").toString(),
            "--main",
            ClutchProcesses.DEMO_WORKER);
    secureWorker.awaitReady();
  }

  @AfterAll
  static void stop() throws IOException {
    clutch.close();
  }

  @Test
  void nodeCallsAWorker() throws Exception {
    assumeTrue(works("node", "--version") && works("npm", "--version"), "no node and npm here");
    for (String file : List.of("package.json", "client.js")) {
      Files.copy(PROGRAMS.resolve("node").resolve(file), folder.resolve(file));
    }
    Output install =
        run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error");
    assumeTrue(install.exitCode() == 0, "npm cannot install gRPC here: " + install.text());

    assertSpeaksWithBoth(
        "node", List.of("node", "client.js"), List.of(PROTOS.toString(), ERROR_DETAILS.toString()));
  }

  @Test
  void pythonCallsAWorker() throws Exception {
    String python = "/usr/bin/python3";
    assumeTrue(works(python, "-c", "import grpc"), "no python3 with grpc here");
    assumeTrue(works("protoc", "--version"), "no protoc here");
    Output generate =
        run(
            "protoc",
            "-I" + PROTOS,
            "-I" + PROGRAMS,
            "--python_out=" + folder,
            "clutch/v1/payload.proto",
            "clutch/v1/job.proto",
            "clutch/v1/call_stream.proto",
            "clutch/v1/worker.proto",
            "error_details.proto");
    assertThat(generate.exitCode()).as(generate.text()).isZero();

    assertSpeaksWithBoth(
        "python",
        List.of(python, PROGRAMS.resolve("python/client.py").toString()),
        List.of(folder.toString()));
  }

  /** In plaintext, and over TLS with a private authority and a token. */
  private void assertSpeaksWithBoth(String language, List<String> program, List<String> files)
      throws Exception {
    assertSpeaks(run(command(program, worker, files)), language, worker);

    List<String> more = new ArrayList<>(files);
    more.add(pki.authorities().toString());
    more.add(TOKEN);
    Output secure = run(command(program, secureWorker, more));
    assertSpeaks(secure, language, secureWorker);
    // With a wrong token, and with none.
    assertThat(secure.text().lines())
        .filteredOn(line -> line.equals("refused: clutch UNAUTHENTICATED started false"))
        .hasSize(2);
  }

  private static String[] command(
      List<String> program, ClutchProcesses.Running called, List<String> arguments) {
    List<String> command = new ArrayList<>(program);
    command.add(called.address());
    command.addAll(arguments);
    return command.toArray(String[]::new);
  }

  private static void assertSpeaks(Output output, String language, ClutchProcesses.Running called) {
    assertThat(output.exitCode()).as(output.text()).isZero();
    assertThat(output.text())
        .contains("echo: " + called.pid() + ":hello from " + language)
        .contains("identity: the same")
        .containsPattern("accepted: \\S+")
        .contains("error: clutch FUNCTION_NOT_FOUND started false")
        .containsPattern("functions: .*echo.*identity")
        .contains("deadline: exceeded")
        .contains("pid: " + called.pid());
  }

  private record Output(int exitCode, String text) {}

  private static boolean works(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private Output run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      return new Output(process.exitValue(), text);
    } finally {
      process.destroyForcibly();
    }
  }
}
