package io.clutch.cli;

import com.google.common.collect.ImmutableMap;
import io.clutch.security.AccessControl;
import io.clutch.security.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a worker, or those of a pool, are told of their safety. */
final class SafetyOptions {

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "Serve over TLS, with this certificate (PEM).")
  private @Nullable Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's key (PEM).")
  private @Nullable Path key;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description = "Clients need a certificate that one of these authorities signed (PEM).")
  private @Nullable Path clientAuthorities;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "Clients need one of these tokens: a name and a token on each line.")
  private @Nullable Path tokens;

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description = "Who may call what, as JSON: {\"image.*\": [\"token:web\"]}.")
  private @Nullable Path rules;

  @Option(
      names = "--insecure",
      description = "Don't warn when anyone on the network may call every function.")
  private boolean insecure;

  /**
   * What is given, by the names of the worker's options.
   *
   * @throws IllegalArgumentException where it does not fit together
   * @throws IOException where a file cannot be read, or is of no use
   */
  ImmutableMap<String, String> checked() throws IOException {
    ImmutableMap.Builder<String, String> given = ImmutableMap.builder();
    put(given, "tlsCertificate", certificate);
    put(given, "tlsKey", key);
    put(given, "tlsClientCa", clientAuthorities);
    put(given, "tokens", tokens);
    put(given, "rules", rules);
    ImmutableMap<String, String> files = given.buildOrThrow();
    if (certificate != null || key != null || tokens != null) {
      check();
    }
    return insecure ? given.put("insecure", "true").buildOrThrow() : files;
  }

  /** Here rather than in each process of a pool. What the program says itself is not known yet. */
  private void check() throws IOException {
    boolean hasTls = certificate != null || key != null || clientAuthorities != null;
    AccessControl.open(
            new AccessControl.Options(
                hasTls ? TlsFiles.of(certificate, key, clientAuthorities) : null,
                tokens,
                null,
                rules))
        .close();
  }

  private static void put(
      ImmutableMap.Builder<String, String> given, String option, @Nullable Path file) {
    if (file != null) {
      given.put(option, file.toAbsolutePath().toString());
    }
  }
}
