package io.clutch.benchmarks.server;

import static com.google.common.base.Preconditions.checkArgument;

import io.clutch.benchmarks.program.Dialogue;
import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.v1.Data;
import io.clutch.benchmarks.v1.EchoGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Plain gRPC as its documentation shows it, without anything of Clutch. */
public final class RawServerProgram {

  private RawServerProgram() {}

  /**
   * Serves, and says where.
   *
   * @param args how many threads run the calls; 0 is the network's
   */
  public static void main(String[] args) throws IOException {
    int threads = Integer.parseInt(args[0]);
    checkArgument(threads >= 0, "threads is %s: want 0 or more", threads);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new EchoService());
    if (threads == 0) {
      serve(builder.directExecutor());
      return;
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    serve(builder.executor(pool));
    pool.shutdown();
  }

  private static void serve(NettyServerBuilder builder) throws IOException {
    Dialogue dialogue = new Dialogue();
    Server server = builder.build().start();
    dialogue.say(
        Fields.none()
            .with("address", "127.0.0.1:" + server.getPort())
            .with("pids", ProcessHandle.current().pid()));
    dialogue.awaitEnd();
    Server unused = server.shutdownNow();
  }

  private static final class EchoService extends EchoGrpc.EchoImplBase {
    @Override
    public void echo(Data request, StreamObserver<Data> answer) {
      answer.onNext(Data.newBuilder().setData(request.getData()).build());
      answer.onCompleted();
    }
  }
}
