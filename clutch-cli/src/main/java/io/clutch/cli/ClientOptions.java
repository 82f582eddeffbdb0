package io.clutch.cli;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.client.ClutchClient;
import io.clutch.security.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that calls workers. */
final class ClientOptions {

  private static final String AUTO = "auto";

  @Option(
      names = "--servers",
      paramLabel = "HOST:PORT",
      split = ",",
      defaultValue = "${CLUTCH_SERVERS:-" + ClutchClient.Builder.DEFAULT_SERVERS + "}",
      description =
          "Where the workers are, separated by commas, or one gRPC target such as"
              + " dns:///jobs:9501. Default: CLUTCH_SERVERS, else "
              + ClutchClient.Builder.DEFAULT_SERVERS
              + ".")
  private List<String> servers;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "The deadline of a call, such as 200ms, 10s or 5m. Default: ${DEFAULT-VALUE}.")
  private Duration timeout;

  @Option(
      names = "--connections",
      paramLabel = "auto|N",
      defaultValue = AUTO,
      description =
          "How many connections each server gets; auto is as many as it has processes."
              + " Default: ${DEFAULT-VALUE}.")
  private String connections;

  @Option(
      names = "--balance",
      paramLabel = "POLICY",
      defaultValue = ClutchClient.Builder.LEAST_LOADED,
      description =
          "How calls are spread: "
              + ClutchClient.Builder.LEAST_LOADED
              + ", "
              + ClutchClient.Builder.ROTATION
              + ", or a policy of gRPC such as round_robin. Default: ${DEFAULT-VALUE}.")
  private String balance;

  @Option(
      names = "--tls",
      description = "Connect over TLS, to servers whose certificates this machine trusts.")
  private boolean tls;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      defaultValue = "${CLUTCH_CA:-}",
      description =
          "Connect over TLS, to servers whose certificates these authorities signed (PEM). Default:"
              + " CLUTCH_CA.")
  private String authorities;

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      defaultValue = "${CLUTCH_CERTIFICATE:-}",
      description = "This client's own certificate (PEM). Default: CLUTCH_CERTIFICATE.")
  private String certificate;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      defaultValue = "${CLUTCH_KEY:-}",
      description = "The certificate's key (PEM). Default: CLUTCH_KEY.")
  private String key;

  @Option(
      names = "--authority",
      paramLabel = "NAME",
      defaultValue = "${CLUTCH_AUTHORITY:-}",
      description =
          "The name in the servers' certificates, where it is not that in their addresses. Default:"
              + " CLUTCH_AUTHORITY.")
  private String authority;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      defaultValue = "${CLUTCH_TOKEN_FILE:-}",
      description = "A file with the token to show. Default: CLUTCH_TOKEN_FILE.")
  private String tokenFile;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  List<String> servers() {
    return servers;
  }

  /** A client for all the servers. */
  ClutchClient client() {
    return client(servers, connections);
  }

  /** A client for a question that any process of some servers can answer. */
  ClutchClient clientOfAnyProcess(List<String> some) {
    return client(some, connections.equals(AUTO) ? "1" : connections);
  }

  private ClutchClient client(List<String> some, String number) {
    // The worker's limits decide; this end takes whatever comes.
    ClutchClient.Builder builder = ClutchClient.builder().maxMessageSize(Integer.MAX_VALUE);
    apply("--timeout", () -> builder.timeout(timeout));
    apply("--balance", () -> builder.balance(balance));
    if (!number.equals(AUTO)) {
      apply("--connections", () -> builder.connectionsPerServer(parse(number)));
    }
    secure(builder);
    return apply("--servers", () -> builder.servers(some).build());
  }

  private void secure(ClutchClient.Builder builder) {
    if (tls || !authorities.isEmpty() || !certificate.isEmpty() || !key.isEmpty()) {
      apply(
          "--certificate, --key, --ca",
          () -> builder.tls(TlsFiles.of(file(certificate), file(key), file(authorities))));
    }
    if (!tokenFile.isEmpty()) {
      apply("--token-file", () -> builder.token(Path.of(tokenFile)));
    }
    if (!authority.isEmpty()) {
      apply("--authority", () -> builder.authority(authority));
    }
  }

  private static @Nullable Path file(String name) {
    return name.isEmpty() ? null : Path.of(name);
  }

  private static int parse(String text) {
    Integer number = Ints.tryParse(text);
    checkArgument(number != null, "'%s' is neither auto nor a number", text);
    return number;
  }

  @CanIgnoreReturnValue
  private <T> T apply(String option, Supplier<T> setting) {
    try {
      return setting.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), option + ": " + e.getMessage(), e);
    }
  }
}
