package io.clutch.worker;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.clutch.protocol.ClutchException;
import io.clutch.v1.Payload;
import io.clutch.v1.StreamedCall;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.dispatch.Ticket;
import io.clutch.worker.internal.permits.Permits;
import io.clutch.worker.internal.siblings.HandedCall;
import io.clutch.worker.internal.siblings.WaitingCalls;
import io.grpc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The calls in this process's queue that siblings may run: those that came over RPCs of their own,
 * for what came over call streams waits in the client, and goes to whichever process is free. What
 * came from a sibling came over a call stream, so that no call goes further than once. Thread-safe.
 */
final class HandOver implements WaitingCalls {

  private final Dispatcher dispatcher;
  private final Permits permits;

  HandOver(Dispatcher dispatcher, Permits permits) {
    this.dispatcher = dispatcher;
    this.permits = permits;
  }

  @Override
  public int count() {
    return worthwhile(dispatcher.movableWaiting());
  }

  /** How many of so many that wait it is worth while to hand over. */
  int worthwhile(int waiting) {
    return Math.max(0, waiting - permits.spare());
  }

  @Override
  public @Nullable HandedCall take() {
    Ticket ticket = dispatcher.handOver();
    if (ticket == null) {
      return null;
    }
    FunctionCall call = (FunctionCall) ticket.task();
    call.telemetry().handedOver();
    return new Away(dispatcher, ticket, call);
  }

  /** A call that was taken. */
  private record Away(Dispatcher dispatcher, Ticket ticket, FunctionCall call)
      implements HandedCall {

    @Override
    public StreamedCall.Builder head() {
      StreamedCall.Builder head =
          StreamedCall.newBuilder()
              .setFunction(call.function().name())
              .setCallId(call.id())
              .setOrigin(Origins.of(call.identity(), call.caller().peer()));
      call.caller()
          .headers()
          .forEach((name, value) -> head.addHeadersBuilder().setName(name).setValue(value));
      return head;
    }

    @Override
    public Payload argument() {
      return call.argument();
    }

    @Override
    public long nanosLeft() {
      Deadline deadline = call.deadline();
      return deadline == null ? Long.MAX_VALUE : deadline.timeRemaining(NANOSECONDS);
    }

    @Override
    public boolean isCancelled() {
      return ticket.isCancelled();
    }

    @Override
    public void whenCancelled(Runnable tell) {
      ticket.whenCancelled(tell);
    }

    @Override
    public void succeeded(Payload result) {
      ends(() -> call.succeed(result));
    }

    @Override
    public void failed(ClutchException failure) {
      ends(() -> call.fail(failure));
    }

    private void ends(Runnable outcome) {
      try {
        outcome.run();
      } catch (RuntimeException defect) {
        CallStreams.log.error("the outcome of a call that was handed over was not told", defect);
      } finally {
        dispatcher.ranElsewhere(ticket);
      }
    }

    @Override
    public void back(boolean stays) {
      dispatcher.takeBack(ticket, stays);
    }
  }
}
