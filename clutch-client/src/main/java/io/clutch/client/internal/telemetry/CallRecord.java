package io.clutch.client.internal.telemetry;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * What is told of one call, from the moment it is made to its one outcome. One attempt is under way
 * at a time; what one thread says the next one's sees.
 */
public interface CallRecord {

  /** Tells nothing. */
  CallRecord NONE = new NoTelemetry.Call();

  /** Adds to the headers what the worker's telemetry is to know, in place of older such headers. */
  void addTo(Metadata headers);

  /** An attempt is made: what happens on this thread until the result is closed belongs to it. */
  Attempt attempted();

  /**
   * An attempt has failed, and there may be another one.
   *
   * @param server where it was; null where that is not known
   */
  void attemptFailed(ClutchException failure, @Nullable String server);

  /**
   * The call has waited in the client for a process with a free place, or for a connection. Not
   * told of a wait of which nothing came but another way to send the call.
   *
   * @param nanos for how long, until now
   * @param dropped why it left the line; null where it went to a process
   */
  void waited(long nanos, @Nullable Reason dropped);

  /**
   * The outcome is known. Called once.
   *
   * @param failure null where there is a result
   * @param server where the last attempt was; null where that is not known
   */
  void ended(@Nullable ClutchException failure, @Nullable String server);

  /** An attempt, while it is handed to gRPC. */
  interface Attempt extends AutoCloseable {
    @Override
    void close();
  }
}
