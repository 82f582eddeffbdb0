package io.clutch.client;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.Message;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.v1.CancelJobRequest;
import io.clutch.v1.CancelJobResponse;
import io.clutch.v1.CountJobsRequest;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.EnqueueResponse;
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
import io.clutch.v1.WorkerGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** A worker with a store, whose answers a test gives. Knows no call streams. */
final class FakeJobs implements AutoCloseable {

  private static final AtomicLong PROCESSES = new AtomicLong(2_000_000);

  /** A job that watches have one stream of. */
  record Watch(String jobId, ServerCallStreamObserver<WatchJobResponse> out) {
    void say(Job job) {
      out.onNext(WatchJobResponse.newBuilder().setJob(job).build());
    }
  }

  private final Server server;
  private final long process = PROCESSES.incrementAndGet();
  private final Queue<Message> asked = new ConcurrentLinkedQueue<>();
  private final Queue<ClutchException> refusals = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<Watch> watches = new LinkedBlockingQueue<>();

  /** What is said of a job, by the question. */
  volatile Function<Message, Job> jobs = question -> Job.getDefaultInstance();

  volatile Function<ListJobsRequest, ListJobsResponse> pages =
      question -> ListJobsResponse.getDefaultInstance();
  volatile CountJobsResponse counts = CountJobsResponse.getDefaultInstance();
  volatile Function<EnqueueRequest, EnqueueResponse> acceptances =
      call ->
          EnqueueResponse.newBuilder()
              .setCallId("call")
              .setJobId(call.getDurable().getJobId())
              .build();

  FakeJobs() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(new Workers())
            .addService(new Jobs())
            .build()
            .start();
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  /** The next questions get these for an answer. */
  void refuse(ClutchException... with) {
    refusals.addAll(List.of(with));
  }

  /** What was asked, refused or not. */
  List<Message> asked() {
    return ImmutableList.copyOf(asked);
  }

  Watch watch() throws InterruptedException {
    Watch next = watches.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nobody watches");
    }
    return next;
  }

  /** Its process is killed. */
  void kill() {
    server.shutdownNow();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private <Q extends Message, S> void answer(
      Q question, StreamObserver<S> out, Function<Q, S> answer) {
    asked.add(question);
    ClutchException refusal = refusals.poll();
    if (refusal != null) {
      out.onError(ErrorStatus.toStatus(refusal));
      return;
    }
    try {
      out.onNext(answer.apply(question));
      out.onCompleted();
    } catch (ClutchException e) {
      out.onError(ErrorStatus.toStatus(e));
    }
  }

  private final class Workers extends WorkerGrpc.WorkerImplBase {
    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> out) {
      out.onNext(DescribeResponse.newBuilder().setProcessId(process).setPoolSize(1).build());
      out.onCompleted();
    }

    @Override
    public void enqueue(EnqueueRequest request, StreamObserver<EnqueueResponse> out) {
      answer(request, out, acceptances);
    }
  }

  private final class Jobs extends JobsGrpc.JobsImplBase {
    @Override
    public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> out) {
      answer(request, out, q -> GetJobResponse.newBuilder().setJob(jobs.apply(q)).build());
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> out) {
      answer(request, out, q -> CancelJobResponse.newBuilder().setJob(jobs.apply(q)).build());
    }

    @Override
    public void retryJob(RetryJobRequest request, StreamObserver<RetryJobResponse> out) {
      answer(request, out, q -> RetryJobResponse.newBuilder().setJob(jobs.apply(q)).build());
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> out) {
      answer(request, out, pages);
    }

    @Override
    public void countJobs(CountJobsRequest request, StreamObserver<CountJobsResponse> out) {
      answer(request, out, q -> counts);
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> out) {
      asked.add(request);
      ClutchException refusal = refusals.poll();
      if (refusal != null) {
        out.onError(ErrorStatus.toStatus(refusal));
        return;
      }
      ServerCallStreamObserver<WatchJobResponse> stream =
          (ServerCallStreamObserver<WatchJobResponse>) out;
      stream.setOnCancelHandler(() -> {});
      watches.add(new Watch(request.getJobId(), stream));
    }
  }
}
