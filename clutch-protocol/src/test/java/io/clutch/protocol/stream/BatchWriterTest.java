package io.clutch.protocol.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.PayloadPart;
import io.grpc.stub.CallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What goes into which message; the thread is played by the test. */
class BatchWriterTest {

  private final Queue<Runnable> thread = new ArrayDeque<>();
  private final FakeStream stream = new FakeStream();
  private final BatchWriter<CallStreamResponse.Builder, CallStreamResponse> writer =
      new BatchWriter<>(
          stream,
          new BatchWriter.Format<>(
              CallStreamResponse::newBuilder,
              CallStreamResponse.Builder::addParts,
              CallStreamResponse.Builder::build),
          thread::add);

  private static final class FakeStream extends CallStreamObserver<CallStreamResponse> {
    private final List<CallStreamResponse> messages = new ArrayList<>();
    private int room = Integer.MAX_VALUE;
    private boolean completed;

    @Override
    public boolean isReady() {
      return messages.size() < room;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onNext(CallStreamResponse message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      completed = true;
    }
  }

  /** Says one number. */
  private record Returned(long id, int size) implements Item<CallStreamResponse.Builder> {
    @Override
    public @Nullable Parts writeTo(CallStreamResponse.Builder message) {
      message.addReturned(id);
      return null;
    }
  }

  /** Is followed by parts. */
  private record LongOne(Parts parts) implements Item<CallStreamResponse.Builder> {
    @Override
    public int size() {
      return 10;
    }

    @Override
    public Parts writeTo(CallStreamResponse.Builder message) {
      return parts;
    }
  }

  private void runThread() {
    for (Runnable task = thread.poll(); task != null; task = thread.poll()) {
      task.run();
    }
  }

  private static ByteString bytes(int size) {
    return ByteString.copyFrom(new byte[size]);
  }

  @Test
  void whatIsReadyGoesIntoOneMessage() {
    for (int i = 1; i <= 100; i++) {
      writer.add(new Returned(i, 10));
    }
    assertThat(thread).hasSize(1);
    assertThat(writer.backlog()).isEqualTo(1_000);

    runThread();

    assertThat(stream.messages).hasSize(1);
    assertThat(stream.messages.get(0).getReturnedList()).hasSize(100).isSorted();
    assertThat(writer.backlog()).isZero();
  }

  @Test
  void messagesEndWhereTheyGetLarge() {
    for (int i = 1; i <= 10; i++) {
      writer.add(new Returned(i, 30_000));
    }
    runThread();
    assertThat(stream.messages)
        .hasSizeBetween(4, 5)
        .allSatisfy(message -> assertThat(message.getReturnedCount()).isLessThanOrEqualTo(3));
  }

  @Test
  void nothingIsWrittenToWhoDoesNotRead() {
    stream.room = 0;
    writer.add(new Returned(1, 10));
    runThread();
    assertThat(stream.messages).isEmpty();
    assertThat(writer.backlog()).isEqualTo(10);

    stream.room = 1;
    writer.flush();

    assertThat(stream.messages).hasSize(1);
  }

  @Test
  void smallItemsGoBetweenTheParts() {
    AtomicBoolean done = new AtomicBoolean();
    writer.add(new LongOne(new Parts(1, bytes(100_000), () -> done.set(true))));
    stream.room = 1;
    runThread();
    writer.add(new Returned(2, 10));
    stream.room = 10;
    runThread();

    assertThat(done).isTrue();
    assertThat(stream.messages.get(1).getReturnedList()).containsExactly(2L);
    assertThat(stream.messages).hasSize(4);
    assertThat(
            stream.messages.stream()
                .flatMap(message -> message.getPartsList().stream())
                .map(PayloadPart::getData)
                .reduce(ByteString.EMPTY, ByteString::concat))
        .isEqualTo(bytes(100_000));
    assertThat(writer.backlog()).isZero();
  }

  @Test
  void longPayloadsTakeTurns() {
    writer.add(new LongOne(new Parts(1, bytes(70_000), () -> {})));
    writer.add(new LongOne(new Parts(2, bytes(70_000), () -> {})));
    runThread();
    assertThat(
            stream.messages.stream()
                .flatMap(message -> message.getPartsList().stream())
                .map(PayloadPart::getId))
        .containsExactly(1L, 2L, 1L, 2L, 1L, 2L);
  }

  @Test
  void partsThatNobodyWantsAreLeftOut() {
    AtomicInteger ends = new AtomicInteger();
    Parts parts = new Parts(1, bytes(100_000), ends::incrementAndGet);
    writer.add(new LongOne(parts));
    stream.room = 1;
    runThread();
    parts.stop();
    stream.room = 10;
    writer.flush();
    assertThat(stream.messages).hasSize(1);
    assertThat(ends).hasValue(0);
    assertThat(writer.backlog()).isZero();
  }

  @Test
  void itIsCompletedWhenAllIsWrittenAndNothingWillCome() {
    AtomicBoolean over = new AtomicBoolean();
    writer.finishWhen(over::get);
    runThread();
    assertThat(stream.completed).isFalse();
    over.set(true);
    stream.room = 0;
    writer.add(new Returned(1, 10));
    runThread();
    assertThat(stream.completed).isFalse();

    stream.room = 1;
    writer.flush();

    assertThat(stream.messages).hasSize(1);
    assertThat(stream.completed).isTrue();
  }

  @Test
  void whatWasNotWrittenIsHandedBackInOrder() {
    stream.room = 1;
    writer.add(new Returned(1, 10));
    runThread();
    Item<CallStreamResponse.Builder> second = new Returned(2, 10);
    Item<CallStreamResponse.Builder> third = new Returned(3, 10);
    writer.add(second);
    writer.add(third);

    assertThat(writer.end()).containsExactly(second, third);
    stream.room = 10;
    runThread();
    assertThat(stream.messages).hasSize(1);
    assertThat(writer.backlog()).isZero();
  }
}
