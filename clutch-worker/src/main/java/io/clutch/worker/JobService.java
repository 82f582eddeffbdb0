package io.clutch.worker;

import com.google.common.base.Throwables;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CancelJobRequest;
import io.clutch.v1.CancelJobResponse;
import io.clutch.v1.CountJobsRequest;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.GetJobRequest;
import io.clutch.v1.GetJobResponse;
import io.clutch.v1.Job;
import io.clutch.v1.JobsGrpc;
import io.clutch.v1.ListJobsRequest;
import io.clutch.v1.ListJobsResponse;
import io.clutch.v1.RetryJobRequest;
import io.clutch.v1.RetryJobResponse;
import io.clutch.v1.WatchJobRequest;
import io.clutch.v1.WatchJobResponse;
import io.clutch.worker.jobs.JobKeeper;
import io.clutch.worker.jobs.JobWatch;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is asked about jobs. Whoever may call a job's function may know of it. Returns at once. */
final class JobService extends JobsGrpc.JobsImplBase {

  private final DurableCalls calls;
  private final Door door;

  JobService(DurableCalls calls, Door door) {
    this.calls = calls;
    this.door = door;
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> response) {
    Caller caller = Caller.CURRENT.get();
    answer(
        response,
        () ->
            keeper()
                .job(request.getJobId(), request.getWithResult())
                .thenApply(job -> checked(caller, job)),
        job -> GetJobResponse.newBuilder().setJob(job).build());
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> response) {
    Caller caller = Caller.CURRENT.get();
    answer(response, () -> keeper().jobs(request), page -> onlyOwn(caller, page));
  }

  private ListJobsResponse onlyOwn(Caller caller, ListJobsResponse page) {
    ListJobsResponse.Builder own = page.toBuilder().clearJobs();
    for (Job job : page.getJobsList()) {
      if (door.lets(caller, job.getFunction())) {
        own.addJobs(job);
      }
    }
    return own.build();
  }

  @Override
  public void countJobs(CountJobsRequest request, StreamObserver<CountJobsResponse> response) {
    answer(response, () -> keeper().count(), counts -> counts);
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> response) {
    Caller caller = Caller.CURRENT.get();
    answer(
        response,
        () -> ifAllowed(caller, request.getJobId(), keeper()::cancel),
        job -> CancelJobResponse.newBuilder().setJob(job).build());
  }

  @Override
  public void retryJob(RetryJobRequest request, StreamObserver<RetryJobResponse> response) {
    Caller caller = Caller.CURRENT.get();
    answer(
        response,
        () -> ifAllowed(caller, request.getJobId(), keeper()::retry),
        job -> RetryJobResponse.newBuilder().setJob(job).build());
  }

  private CompletableFuture<Job> ifAllowed(
      Caller caller, String id, Function<String, CompletableFuture<Job>> change) {
    return keeper()
        .job(id, false)
        .thenCompose(
            job -> {
              Job unused = checked(caller, job);
              return change.apply(id);
            });
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> response) {
    Caller caller = Caller.CURRENT.get();
    ServerCallStreamObserver<WatchJobResponse> watcher =
        (ServerCallStreamObserver<WatchJobResponse>) response;
    Watch watch = new Watch(caller, watcher);
    watcher.setOnCancelHandler(watch::end);
    try {
      watch.begun(keeper().watch(request.getJobId(), watch));
    } catch (ClutchException e) {
      watcher.onError(ErrorStatus.toStatus(e));
    }
  }

  private JobKeeper keeper() {
    return calls.keeper();
  }

  private Job checked(Caller caller, Job job) {
    var unused = door.pass(caller, job.getFunction());
    return job;
  }

  private static <A, R> void answer(
      StreamObserver<R> response, Supplier<CompletableFuture<A>> ask, Function<A, R> form) {
    CompletableFuture<A> asked;
    try {
      asked = ask.get();
    } catch (ClutchException e) {
      response.onError(ErrorStatus.toStatus(e));
      return;
    }
    var unused =
        asked
            .thenApply(form)
            .whenComplete(
                (answer, failure) -> {
                  if (failure == null) {
                    response.onNext(answer);
                    response.onCompleted();
                  } else {
                    response.onError(ErrorStatus.toStatus(clutchFailure(failure)));
                  }
                });
  }

  /** What a future failed with, as a failure of the call. */
  static ClutchException clutchFailure(Throwable failure) {
    for (Throwable cause : Throwables.getCausalChain(failure)) {
      if (cause instanceof ClutchException expected) {
        return expected;
      }
    }
    CallStreams.log.error("a request about jobs met a defect", failure);
    return ClutchException.builder(
            Reason.INTERNAL, Started.UNKNOWN, "the request met a defect: " + failure)
        .cause(failure)
        .build();
  }

  /** Somebody who watches a job. */
  private final class Watch implements JobWatch {

    private final Caller caller;
    private final ServerCallStreamObserver<WatchJobResponse> watcher;
    private @Nullable Runnable end;
    private boolean ended;

    Watch(Caller caller, ServerCallStreamObserver<WatchJobResponse> watcher) {
      this.caller = caller;
      this.watcher = watcher;
    }

    synchronized void begun(Runnable newEnd) {
      end = newEnd;
      if (ended) {
        newEnd.run();
      }
    }

    synchronized void end() {
      ended = true;
      if (end != null) {
        end.run();
      }
    }

    @Override
    public boolean isReady() {
      return watcher.isReady();
    }

    @Override
    public synchronized void is(Job job) {
      if (ended) {
        return;
      }
      try {
        watcher.onNext(WatchJobResponse.newBuilder().setJob(checked(caller, job)).build());
      } catch (ClutchException e) {
        failed(e);
      }
    }

    @Override
    public synchronized void ended() {
      if (!ended) {
        end();
        watcher.onCompleted();
      }
    }

    @Override
    public synchronized void failed(ClutchException why) {
      if (!ended) {
        end();
        watcher.onError(ErrorStatus.toStatus(why));
      }
    }
  }
}
