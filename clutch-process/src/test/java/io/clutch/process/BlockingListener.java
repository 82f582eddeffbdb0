package io.clutch.process;

import com.google.common.collect.ImmutableList;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program that accepts a connection from an inherited socket in blocking mode, as service
 * managers pass them, and says whether its event loop is free afterwards.
 */
final class BlockingListener {

  private BlockingListener() {}

  public static void main(String[] args) throws Exception {
    ServerSocket blocking = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    EventLoopGroup loops = UnixSockets.eventLoops("test-blocking", 1);
    CountDownLatch accepted = new CountDownLatch(1);
    ListeningSockets sockets =
        ListeningSockets.open(
            ImmutableList.of(),
            ImmutableList.of(
                new InheritedSocket(TestDescriptors.of(blocking), "web", "LISTEN_FDS")),
            loops);
    sockets.handler(connection -> accepted.countDown());
    sockets.accept(true);
    try (Socket client = new Socket(blocking.getInetAddress(), blocking.getLocalPort())) {
      System.out.println("connected from " + client.getLocalPort());
      System.out.println(accepted.await(10, TimeUnit.SECONDS) ? "accepted" : "not accepted");
      System.out.println(loops.submit(() -> "the loop is free").get(5, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      System.out.println("the loop is blocked");
    }
    Runtime.getRuntime().halt(0);
  }
}
