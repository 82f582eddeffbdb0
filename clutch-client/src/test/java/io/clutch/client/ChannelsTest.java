package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelsTest {

  @Test
  void aClientThatCannotBeBuiltWatchesNoFiles(@TempDir Path folder) throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "web-token-0123456789\n");
    Set<Thread> before = Thread.getAllStackTraces().keySet();

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ClutchClient.builder()
                    .servers("127.0.0.1:1")
                    .token(token)
                    .authority("user@host")
                    .build());

    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !before.contains(thread))
                    .extracting(Thread::getName)
                    .doesNotContain("clutch-credentials"));
  }
}
