package io.clutch.client.internal.balance;

import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;

/** What a {@link Connection} is made of: gRPC's subchannel. Called by the owner of the server. */
interface Wire {

  /** Begins to connect. The listener hears how it went, later. */
  void connect(Listener listener);

  /** Asks the process who it is. The listener hears the answer, later. */
  void greet(Listener listener);

  /** What tells gRPC to send a call here. */
  PickResult result(ClientStreamTracer.Factory tracers);

  /**
   * Lets the calls on it end, then disconnects. What the listener hears after that counts no more.
   */
  void close();

  /** Hears of a wire; called by the owner of the server. */
  interface Listener {

    /** It is connected. */
    void connected();

    /** The process has said who it is. */
    void greeted(Greeting greeting);

    /** It could not be connected, did not answer, or was lost. */
    void failed(String why);
  }
}
