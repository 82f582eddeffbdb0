package io.clutch.client;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.client.internal.stream.OutgoingCall;
import io.clutch.client.internal.telemetry.CallRecord;
import io.clutch.protocol.ClutchException;
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
import io.clutch.v1.Payload;
import io.clutch.v1.RetryJobRequest;
import io.clutch.v1.RetryJobResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** What is asked about jobs that were accepted, of any worker of their store. Thread-safe. */
final class JobQuestions implements AutoCloseable {

  /** What a worker gives at most in one answer. */
  private static final int MOST_PER_PAGE = 1000;

  /** Not a call, but repeated like one. */
  private static final OutgoingCall NO_CALL =
      new OutgoingCall("", Payload.getDefaultInstance(), "", ImmutableMap.of(), false, null);

  private final Channels channels;
  private final Ways ways;
  private final Duration timeout;
  private final Set<JobWatch> watches = ConcurrentHashMap.newKeySet();

  JobQuestions(Channels channels, Ways ways, Duration timeout) {
    this.channels = channels;
    this.ways = ways;
    this.timeout = timeout;
  }

  JobStatus status(String id) {
    return JobMessages.status(get(id, false));
  }

  /**
   * The job with its result.
   *
   * @throws ClutchException with WRONG_JOB_STATE where it has none
   */
  Job withResult(String id) {
    Job job = get(id, true);
    if (job.getHasResult()) {
      return job;
    }
    JobState state = JobMessages.state(job.getState());
    throw ClutchException.builder(
            Reason.WRONG_JOB_STATE,
            job.getAttempts() > 0 ? Started.YES : Started.NO,
            state == JobState.DONE
                ? "job '%s' is done, but its result is not kept, or not any more".formatted(id)
                : "job '%s' has no result: it is %s"
                    .formatted(id, state.name().toLowerCase(Locale.ROOT)))
        .detail(ClutchException.FUNCTION, job.getFunction())
        .build();
  }

  private Job get(String id, boolean withResult) {
    GetJobRequest request =
        GetJobRequest.newBuilder().setJobId(checked(id)).setWithResult(withResult).build();
    return ask(JobsGrpc.getGetJobMethod(), request, GetJobResponse::getJob, Repetition.QUESTION);
  }

  JobStatus cancel(String id) {
    CancelJobRequest request = CancelJobRequest.newBuilder().setJobId(checked(id)).build();
    return JobMessages.status(
        ask(JobsGrpc.getCancelJobMethod(), request, CancelJobResponse::getJob, Repetition.ALWAYS));
  }

  JobStatus retry(String id) {
    RetryJobRequest request = RetryJobRequest.newBuilder().setJobId(checked(id)).build();
    return JobMessages.status(
        ask(JobsGrpc.getRetryJobMethod(), request, RetryJobResponse::getJob, Repetition.NEVER));
  }

  ImmutableList<JobStatus> list(JobFilter filter) {
    ListJobsRequest.Builder request = ListJobsRequest.newBuilder();
    filter.states().forEach(state -> request.addStates(JobMessages.toProto(state)));
    filter.function().ifPresent(request::setFunction);
    ImmutableList.Builder<JobStatus> jobs = ImmutableList.builder();
    int left = filter.limit();
    String page;
    do {
      request.setLimit(Math.min(left, MOST_PER_PAGE));
      ListJobsResponse response =
          ask(JobsGrpc.getListJobsMethod(), request.build(), answer -> answer, Repetition.QUESTION);
      response.getJobsList().stream().limit(left).map(JobMessages::status).forEach(jobs::add);
      left -= response.getJobsCount();
      page = response.getNextPage();
      request.setPage(page);
    } while (left > 0 && !page.isEmpty());
    return jobs.build();
  }

  JobCounts counts() {
    CountJobsResponse response =
        ask(
            JobsGrpc.getCountJobsMethod(),
            CountJobsRequest.getDefaultInstance(),
            answer -> answer,
            Repetition.QUESTION);
    return JobMessages.counts(response);
  }

  CompletableFuture<JobStatus> watch(String id, Consumer<JobStatus> listener) {
    JobWatch watch =
        new JobWatch(channels, checked(id), requireNonNull(listener), timeout, watches::remove);
    watches.add(watch);
    CompletableFuture<JobStatus> last = watch.start();
    if (channels.isClosed()) {
      watch.close();
    }
    return last;
  }

  /** Ends the watches, which may have no end of their own. */
  @Override
  public void close() {
    watches.forEach(JobWatch::close);
  }

  private <Q, S, R> R ask(
      MethodDescriptor<Q, S> method, Q request, Function<S, R> answer, Repetition repetition) {
    UnaryForm<Q, S, R> form = new UnaryForm<>(method, call -> request, answer);
    return requireNonNull(
        new RepeatingCall<>(
                channels,
                ways::unary,
                NO_CALL,
                new RepeatingCall.Terms<R, R>(form, response -> response, repetition, null),
                timeout,
                CallRecord.NONE)
            .await());
  }

  private static String checked(String id) {
    JobOptions.checkName("jobId", id);
    return id;
  }
}
