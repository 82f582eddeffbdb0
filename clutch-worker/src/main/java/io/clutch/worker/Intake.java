package io.clutch.worker;

import com.google.common.base.Strings;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.security.Identity;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.clutch.worker.internal.telemetry.CallTelemetry;
import java.util.concurrent.atomic.AtomicLong;

/** What happens to every call as it comes in, whichever way that is. Thread-safe. */
final class Intake {

  private final FunctionTable functions;
  private final Door door;
  private final CallTelemetry telemetry;
  private final String idPrefix;
  private final AtomicLong lastId = new AtomicLong();

  /** What was let in, to a function that is there. */
  record Admitted(FunctionDefinition function, Identity identity) {}

  /**
   * @param idPrefix in front of the ids this worker makes, so that they differ between workers
   */
  Intake(FunctionTable functions, Door door, CallTelemetry telemetry, String idPrefix) {
    this.functions = functions;
    this.door = door;
    this.telemetry = telemetry;
    this.idPrefix = idPrefix;
  }

  /** The id of a call: its caller's own, or one made here. */
  String id(String own) {
    return Strings.isNullOrEmpty(own) ? idPrefix + lastId.incrementAndGet() : own;
  }

  /** A call has come in. */
  CallRecord received(String function, String id, boolean background, Caller caller) {
    return telemetry.received(function, id, background, caller.metadata(), caller.peer());
  }

  /**
   * Lets a call in.
   *
   * @throws ClutchException where the caller may not call the function, or there is none
   */
  Admitted admit(Caller caller, String function) {
    if (function.isEmpty()) {
      throw ClutchException.notStarted(
          Reason.BAD_ARGUMENTS, "the request names no function (field 'function' is empty)");
    }
    Identity identity = door.pass(caller, function);
    return new Admitted(functions.get(function), identity);
  }
}
