package io.clutch.worker.internal.supervised;

import com.google.common.base.Throwables;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.process.Place;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.Durations;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.AttachRequest.Retiring;
import io.clutch.v1.AttachResponse;
import io.clutch.v1.AttachResponse.Welcome;
import io.clutch.v1.SupervisorGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** This child's stream to its supervisor. Thread-safe. */
public final class SupervisorStream implements AutoCloseable {

  private static final Duration WELCOME_LIMIT = Duration.ofSeconds(20);

  private final ManagedChannel channel;
  private final CompletableFuture<Welcome> welcome = new CompletableFuture<>();

  @GuardedBy("this")
  private final StreamObserver<AttachRequest> requests;

  @GuardedBy("this")
  private boolean ended;

  private SupervisorStream(ManagedChannel channel, Orders orders) {
    this.channel = channel;
    this.requests = SupervisorGrpc.newStub(channel).attach(new Responses(orders));
  }

  /**
   * Attaches this process and waits for the supervisor's welcome.
   *
   * @throws IOException where there is no supervisor, or it does not want this process
   */
  public static SupervisorStream attach(Place place, EventLoopGroup loops, Orders orders)
      throws IOException {
    ManagedChannel channel = UnixSockets.channel(place.socket(), loops);
    SupervisorStream stream = new SupervisorStream(channel, orders);
    stream.send(
        AttachRequest.newBuilder()
            .setHello(
                AttachRequest.Hello.newBuilder()
                    .setProcessId(ProcessHandle.current().pid())
                    .setSlot(place.slot())
                    .setGeneration(place.generation())
                    .setVersion(ClutchVersion.get())));
    try {
      Welcome unused = stream.welcome.get(WELCOME_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return stream;
    } catch (ExecutionException e) {
      stream.close();
      throw new IOException(
          "cannot attach to the supervisor at '%s': %s".formatted(place.socket(), reason(e)), e);
    } catch (TimeoutException e) {
      stream.close();
      throw new IOException("the supervisor at '%s' does not answer".formatted(place.socket()), e);
    } catch (InterruptedException e) {
      stream.close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while attaching to the supervisor", e);
    }
  }

  private static String reason(ExecutionException e) {
    Status status = Status.fromThrowable(e);
    String why = status.getDescription() == null ? status.toString() : status.getDescription();
    Throwable cause = status.getCause();
    // Without a connection, gRPC says only that there was an exception.
    return cause == null ? why : "%s: %s".formatted(why, Throwables.getRootCause(cause));
  }

  /** What the supervisor answered. */
  public Welcome welcome() {
    return welcome.join();
  }

  /** This process serves. */
  public void ready(
      Path descriptorSocket, Path siblingSocket, Duration gracefulTimeout, int concurrency) {
    send(
        AttachRequest.newBuilder()
            .setReady(
                AttachRequest.Ready.newBuilder()
                    .setDescriptorSocket(descriptorSocket.toString())
                    .setGracefulTimeout(Durations.toProto(gracefulTimeout))
                    .setConcurrency(concurrency)
                    .setSiblingSocket(siblingSocket.toString())));
  }

  /** A sign of life. */
  public void heartbeat(int inFlight, long handled) {
    send(
        AttachRequest.newBuilder()
            .setHeartbeat(
                AttachRequest.Heartbeat.newBuilder().setInFlight(inFlight).setHandled(handled)));
  }

  /** A connection has ended. */
  public void connectionClosed(long number) {
    send(
        AttachRequest.newBuilder()
            .setConnectionsClosed(AttachRequest.ConnectionsClosed.newBuilder().addNumbers(number)));
  }

  /** This process wants to be drained. */
  public void retiring(Retiring.Reason reason) {
    send(AttachRequest.newBuilder().setRetiring(Retiring.newBuilder().setReason(reason)));
  }

  /** A function goes on after its time. */
  public void hung(String function, String callId, String threadDump) {
    send(
        AttachRequest.newBuilder()
            .setHung(
                AttachRequest.Hung.newBuilder()
                    .setFunction(function)
                    .setCallId(callId)
                    .setThreadDump(threadDump)));
  }

  /** There are durable background calls in the store that this process has no room for. */
  public void jobsWait() {
    send(AttachRequest.newBuilder().setJobsWait(AttachRequest.JobsWait.getDefaultInstance()));
  }

  /** This process has room for durable background calls, and found none in the store. */
  public void jobsWanted() {
    send(AttachRequest.newBuilder().setJobsWanted(AttachRequest.JobsWanted.getDefaultInstance()));
  }

  private synchronized void send(AttachRequest.Builder message) {
    if (!ended) {
      requests.onNext(message.build());
    }
  }

  private synchronized void end() {
    ended = true;
  }

  /** Ends it: this process is about to exit. */
  @Override
  public void close() {
    synchronized (this) {
      if (!ended) {
        ended = true;
        requests.onCompleted();
      }
    }
    channel.shutdown();
    try {
      if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private final class Responses implements StreamObserver<AttachResponse> {
    private final Orders orders;

    Responses(Orders orders) {
      this.orders = orders;
    }

    @Override
    public void onNext(AttachResponse message) {
      switch (message.getMessageCase()) {
        case WELCOME -> {
          orders.poolSize(message.getWelcome().getPoolSize());
          welcome.complete(message.getWelcome());
        }
        case DRAIN -> orders.drain(Durations.fromProto(message.getDrain().getAtMost()));
        case POOL_SIZE -> orders.poolSize(message.getPoolSize().getPoolSize());
        case SIBLINGS -> orders.siblings(message.getSiblings().getSocketsList());
        case JOBS_WAIT -> orders.jobsWait();
        case CHILD_GONE -> {
          AttachResponse.ChildGone gone = message.getChildGone();
          orders.childGone(
              gone.getSlot(), gone.getGeneration(), gone.getProcessId(), gone.getHow());
        }
        case MESSAGE_NOT_SET -> {
          // Of a later version.
        }
      }
    }

    @Override
    public void onError(Throwable lost) {
      end();
      if (!welcome.completeExceptionally(lost)) {
        orders.lost();
      }
    }

    @Override
    public void onCompleted() {
      onError(new IOException("the supervisor ended the stream"));
    }
  }
}
