package io.clutch.cli;

import io.clutch.client.ClutchClient;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that calls workers. */
final class ClientOptions {

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

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  List<String> servers() {
    return servers;
  }

  /** A client for all the servers. */
  ClutchClient client() {
    return client(servers);
  }

  /** A client for some of the servers. */
  ClutchClient client(List<String> some) {
    try {
      // The worker's limits decide; this end takes whatever comes.
      return ClutchClient.builder()
          .servers(some)
          .timeout(timeout)
          .maxMessageSize(Integer.MAX_VALUE)
          .build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--servers: " + e.getMessage(), e);
    }
  }
}
