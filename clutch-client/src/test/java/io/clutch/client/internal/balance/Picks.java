package io.clutch.client.internal.balance;

import io.clutch.v1.WorkerGrpc;
import io.grpc.CallOptions;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Servers to pick from, and calls that pick. */
final class Picks {

  private Picks() {}

  /** A server with that many processes, a connection to each. */
  static SimulatedClient server(int processes) {
    Simulation time = new Simulation();
    SimulatedClient client =
        new SimulatedClient(
            time, new FakePool(processes), "host", 1, BalanceConfig.DEFAULT, new Random(1));
    time.run(Duration.ofMillis(20));
    if (client.server().usable().size() != processes) {
      throw new AssertionError("not connected");
    }
    return client;
  }

  /** A call with that trail, or with none. */
  static PickSubchannelArgs call(@Nullable CallTrail trail) {
    CallOptions options =
        trail == null ? CallOptions.DEFAULT : CallOptions.DEFAULT.withOption(CallTrail.KEY, trail);
    return rpc(options);
  }

  /** An RPC with those options. */
  static PickSubchannelArgs rpc(CallOptions options) {
    return new PickSubchannelArgs() {
      @Override
      public CallOptions getCallOptions() {
        return options;
      }

      @Override
      public Metadata getHeaders() {
        return new Metadata();
      }

      @Override
      public MethodDescriptor<?, ?> getMethodDescriptor() {
        return WorkerGrpc.getCallMethod();
      }
    };
  }
}
