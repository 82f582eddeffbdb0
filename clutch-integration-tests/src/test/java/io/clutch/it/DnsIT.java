package io.clutch.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.it.ClutchProcesses.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A name with several addresses, which change under load, as those of a headless service of
 * Kubernetes do. The names are in a file that Java reads instead of asking the system.
 */
@Timeout(300)
final class DnsIT {

  private static final String NAME = "jobs.test";

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void workersComeAndGoUnderAName() throws IOException {
    Path names = clutch.temporaryFolder().resolve("hosts");
    Running first = clutch.demoWorker("127.0.0.2:0");
    int port = first.port();
    Running second = clutch.demoWorker("127.0.0.3:" + port);
    write(names, "127.0.0.2", "127.0.0.3");
    clutch.withJavaOptions(
        "-Djdk.net.hosts.file=%s -Dsun.net.inetaddr.ttl=1 -Dnetworkaddress.cache.ttl=1"
                .formatted(names)
            + " -Dcaller.servers=dns:///%s:%d".formatted(NAME, port));
    Running caller =
        clutch.start(
            "worker",
            "--main",
            Caller.class.getName(),
            "--classpath",
            ClutchProcesses.TEST_CLASSES);
    awaitAnswers(caller, first, second);

    // One more, though no connection fails.
    clutch.withJavaOptions("");
    Running third = clutch.demoWorker("127.0.0.4:" + port);
    write(names, "127.0.0.2", "127.0.0.3", "127.0.0.4");
    awaitAnswers(caller, first, second, third);

    // One less, which goes on to serve others.
    write(names, "127.0.0.3", "127.0.0.4");
    awaitAnswers(caller, second, third);

    // One is replaced: the name loses it after it began to stop.
    Running fourth = clutch.demoWorker("127.0.0.5:" + port);
    second.terminate();
    write(names, "127.0.0.4", "127.0.0.5");
    awaitAnswers(caller, third, fourth);

    assertThat(second.awaitExit()).isZero();
    assertThat(caller.out()).doesNotContain("failed");
  }

  /** Waits for a second in which just these answer. */
  private static void awaitAnswers(Running caller, Running... workers) {
    String expected =
        Stream.of(workers)
            .map(worker -> String.valueOf(processOf(worker)))
            .sorted()
            .collect(joining(", "));
    int seen = caller.out().length();
    await()
        .atMost(PoolProcess.LIMIT)
        .until(
            () -> {
              if (!caller.isAlive()) {
                throw new IllegalStateException("the caller ended: " + caller.err());
              }
              List<String> lines = caller.out().substring(seen).lines().toList();
              return lines.stream().anyMatch(line -> sorted(line).equals(expected));
            });
  }

  private static String sorted(String line) {
    return Arrays.stream(line.replaceAll("[\\[\\]]", "").split(", ", -1))
        .sorted()
        .collect(joining(", "));
  }

  /** The worker says it, for the script may have started it as another process. */
  private static long processOf(Running worker) {
    return Long.parseLong(worker.err().replaceAll("(?s).*pid (\\d+),.*", "$1"));
  }

  private static void write(Path names, String... addresses) throws IOException {
    Path fresh = names.resolveSibling("fresh");
    Files.writeString(
        fresh,
        Stream.of(addresses).map(address -> address + " " + NAME + "\n").collect(joining()),
        UTF_8);
    Files.move(fresh, names, StandardCopyOption.REPLACE_EXISTING);
  }
}
