package io.clutch.worker;

import com.google.common.collect.ImmutableSet;
import io.clutch.protocol.Reason;
import io.clutch.security.Credentials;
import io.clutch.security.Identity;
import io.clutch.v1.Header;
import io.clutch.worker.FunctionCall.Asked;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.dispatch.Ticket;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.clutch.worker.jobs.JobOutcome;
import io.clutch.worker.jobs.JobPlaces;
import io.clutch.worker.jobs.JobRun;
import io.clutch.worker.jobs.NewJob;
import io.grpc.Context;
import io.grpc.Metadata;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Runs jobs as calls of this worker, where a place is free. Thread-safe. */
final class JobCalls implements JobPlaces {

  private final FunctionCall.Engine engine;
  private final Dispatcher dispatcher;
  private final SupervisorBell bell;

  JobCalls(FunctionCall.Engine engine, Dispatcher dispatcher, SupervisorBell bell) {
    this.engine = engine;
    this.dispatcher = dispatcher;
    this.bell = bell;
  }

  @Override
  public ImmutableSet<String> functions() {
    return engine.invoker().functions().names();
  }

  @Override
  public int concurrency() {
    return dispatcher.concurrency();
  }

  @Override
  public int free() {
    return dispatcher.free();
  }

  @Override
  public @Nullable JobRun start(NewJob job, int attempt, JobOutcome outcome) {
    FunctionDefinition function = engine.invoker().functions().get(job.function());
    Identity identity = Origins.identity(job.origin());
    SocketAddress peer = Origins.peer(job.origin());
    Metadata headers = new Metadata();
    for (Header header : job.headers()) {
      headers.put(
          Metadata.Key.of(header.getName(), Metadata.ASCII_STRING_MARSHALLER), header.getValue());
    }
    CallRecord record =
        engine.telemetry().received(job.function(), job.callId(), true, headers, peer);
    JobAttempt which = new JobAttempt(job.options().getJobId(), attempt);
    FunctionCall call =
        new FunctionCall(
            engine,
            new Asked(
                function,
                job.payload(),
                job.callId(),
                true,
                new Caller(peer, headers, Credentials.NONE, identity),
                identity,
                null,
                which),
            Context.ROOT,
            new JobAnswer(function.name(), which, outcome),
            record);
    Ticket ticket = null;
    try {
      ticket = dispatcher.start(call);
    } finally {
      if (ticket == null) {
        record.returned();
      }
    }
    Ticket started = ticket;
    return started == null ? null : message -> started.cancel(Reason.CANCELLED, message);
  }

  @Override
  public void jobsWait() {
    bell.jobsWait().run();
  }

  @Override
  public void jobsWanted() {
    bell.jobsWanted().run();
  }
}
