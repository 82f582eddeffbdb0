package io.clutch.benchmarks.fairshare;

import io.clutch.benchmarks.load.Done;
import io.clutch.benchmarks.program.Clients;
import io.clutch.benchmarks.program.Clients.CallPath;
import io.clutch.benchmarks.server.Functions;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import java.util.List;

/** The client of Clutch. */
final class ClutchShareClient implements ShareClient {

  private final ClutchClient client;

  ClutchShareClient(String address) {
    client = Clients.clutch(List.of(address), Clients.AUTOMATIC, CallPath.DEFAULT);
  }

  @Override
  public void sleep(int millis, Done done) {
    var unused =
        client
            .requestAsync(
                Request.of(Functions.SLEEP, millis, Void.class)
                    .withTimeout(ShareClientProgram.DEADLINE))
            .whenComplete((nothing, failure) -> done.done(failure));
  }

  @Override
  public void close() {
    client.close();
  }
}
