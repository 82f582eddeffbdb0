package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.v1.PoolEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Children that are replaced because of a limit. */
@Order(1)
@Timeout(300)
final class RecyclingIT {

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void noChildTakesMoreThanItsLimit() throws IOException {
    Path file = clutch.temporaryFolder().resolve("lines");
    PoolProcess pool = clutch.pool(4, "--max-requests-per-child", "10");
    List<CompletableFuture<Long>> calls = new ArrayList<>();
    try (ClutchClient one = pool.client();
        ClutchClient other = pool.client()) {
      for (int i = 0; i < 100; i++) {
        calls.add(
            (i % 2 == 0 ? one : other)
                .requestAsync("count", Map.of("file", file.toString()), Long.class));
        one.requestBackground(Request.of("count", Map.of("file", file.toString()), Long.class));
      }
      calls.forEach(call -> assertThat(call).succeedsWithin(PoolProcess.LIMIT));
      assertThat(pool.stop()).isZero();
    }

    Map<String, Long> callsByProcess =
        Files.readAllLines(file).stream()
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    assertThat(callsByProcess.values()).allMatch(count -> count <= 10);
    assertThat(callsByProcess.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(200);
  }

  @Test
  void aLimitOfOneGivesEachCallAProcessOfItsOwn() {
    PoolProcess pool = clutch.pool(2, "--max-requests-per-child", "1");
    Set<Long> pids = new HashSet<>();
    try (ClutchClient client = pool.client()) {
      for (int i = 0; i < 6; i++) {
        pids.add(client.request("sleep", 0, Long.class));
      }
    }

    assertThat(pids).hasSize(6);
  }

  @Test
  void aChildThatHoldsTooMuchMemoryIsReplaced() {
    PoolProcess pool = clutch.pool(1, "--max-memory-per-child", "350m");
    Set<Long> before = pool.pids();
    try (ClutchClient client = pool.client()) {
      client.request("leak", 300, Integer.class);
      pool.awaitStatus(status -> !pool.pids().containsAll(before));
      pool.awaitChildren(1);

      assertThat(client.request("leak", 1, Integer.class)).isEqualTo(1);
    }
    assertThat(pool.events(PoolEvent.Kind.DRAINING).get(0).getMessage())
        .contains("MiB of memory, more than 350");
    assertThat(pool.events(PoolEvent.Kind.CRASHED)).isEmpty();
  }

  @Test
  void aChildThatHasLivedLongEnoughIsReplaced() {
    PoolProcess pool = clutch.pool(1, "--max-lifetime-per-child", "2s");
    Set<Long> before = pool.pids();

    pool.awaitStatus(status -> !pool.pids().containsAll(before));

    assertThat(pool.events(PoolEvent.Kind.DRAINING).get(0).getMessage()).contains("PT2S");
  }
}
