package io.clutch.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.CompositeChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.Mockito;

class ClientSecurityTest {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path folder;
  private Path token;

  @BeforeEach
  void write() throws IOException {
    token = Files.writeString(folder.resolve("token"), "first-token-0123456789\n");
  }

  @Test
  void withoutFilesItIsPlaintext() throws IOException {
    try (ClientSecurity security = ClientSecurity.open(null, null, () -> {})) {
      assertThat(security.credentials()).isInstanceOf(InsecureChannelCredentials.class);
    }
  }

  @Test
  void theTokenOfEachCallIsTheOneInTheFileThen() throws IOException {
    try (ClientSecurity security = ClientSecurity.open(null, token, () -> {})) {
      assertThat(headers(security)).containsExactly("Bearer first-token-0123456789");

      Files.writeString(token, "second-token-0123456789");

      await()
          .untilAsserted(
              () ->
                  assertThat(headers(security)).containsExactly("Bearer second-token-0123456789"));
    }
  }

  /** What goes along with a call now. */
  private static List<String> headers(ClientSecurity security) {
    List<String> headers = new ArrayList<>();
    ChannelCredentials credentials = security.credentials();
    ((CompositeChannelCredentials) credentials)
        .getCallCredentials()
        .applyRequestMetadata(
            Mockito.mock(CallCredentials.RequestInfo.class),
            MoreExecutors.directExecutor(),
            new CallCredentials.MetadataApplier() {
              @Override
              public void apply(Metadata applied) {
                applied.getAll(AUTHORIZATION).forEach(headers::add);
              }

              @Override
              public void fail(Status status) {
                headers.add(status.toString());
              }
            });
    return headers;
  }

  @Test
  void filesOfNoUseAreNamedAtOnceAndNotRepeated() throws IOException {
    Path two = Files.writeString(folder.resolve("two"), "web first-token-0123456789\n");

    assertThatIOException()
        .isThrownBy(() -> ClientSecurity.open(null, two, () -> {}))
        .withMessageStartingWith(two + " does not hold one token")
        .satisfies(failure -> assertThat(failure.toString()).doesNotContain("first-token"));
    assertThatIOException()
        .isThrownBy(
            () -> ClientSecurity.open(TlsFiles.trust(folder.resolve("nowhere")), token, () -> {}))
        .withMessage("there is no file " + folder.resolve("nowhere"));
  }
}
