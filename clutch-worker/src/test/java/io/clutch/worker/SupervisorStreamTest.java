package io.clutch.worker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.process.Place;
import io.clutch.process.UnixSockets;
import io.clutch.v1.AttachRequest.MessageCase;
import io.clutch.worker.internal.supervised.Orders;
import io.clutch.worker.internal.supervised.SupervisorStream;
import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a child and its supervisor say to each other about durable background calls. */
@EnabledOnOs(OS.LINUX)
class SupervisorStreamTest {

  @TempDir Path folder;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-child", 1);
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private FakeSupervisor supervisor;
  private SupervisorStream stream;

  @BeforeEach
  void attach() throws Exception {
    supervisor = new FakeSupervisor(folder.resolve("control.sock"));
    stream = SupervisorStream.attach(new Place(supervisor.socket(), 1, 1), loops, new Listening());
  }

  @AfterEach
  void stop() throws Exception {
    stream.close();
    supervisor.close();
    UnixSockets.stop(loops);
  }

  @Test
  void theChildSaysThatJobsWaitAndThatItWantsSome() throws Exception {
    stream.jobsWait();
    supervisor.await(MessageCase.JOBS_WAIT);

    stream.jobsWanted();
    supervisor.await(MessageCase.JOBS_WANTED);
  }

  @Test
  void itHearsThatJobsWait() throws Exception {
    supervisor.jobsWait();

    assertThat(heard.poll(20, SECONDS)).isEqualTo("jobs wait");
  }

  @Test
  void itHearsWhichProcessHasEndedAndHow() throws Exception {
    supervisor.childGone(3, 7, 4711, "it exited with 1");

    assertThat(heard.poll(20, SECONDS)).isEqualTo("3 7 4711 it exited with 1");
  }

  private final class Listening implements Orders {
    @Override
    public void jobsWait() {
      heard.add("jobs wait");
    }

    @Override
    public void childGone(int slot, long generation, long processId, String how) {
      heard.add("%d %d %d %s".formatted(slot, generation, processId, how));
    }

    @Override
    public void drain(Duration atMost) {
      heard.add("drain");
    }

    @Override
    public void poolSize(int size) {
      // With the welcome.
    }

    @Override
    public void siblings(List<String> sockets) {
      heard.add("siblings");
    }

    @Override
    public void lost() {
      // When the test ends.
    }
  }
}
