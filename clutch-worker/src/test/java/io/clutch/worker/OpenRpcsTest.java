package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a request may take to come, by a clock of the test's own. */
class OpenRpcsTest {

  private long nanos = Long.MAX_VALUE - 5;
  private final OpenRpcs rpcs =
      new OpenRpcs(
          new Ticker() {
            @Override
            public long read() {
              return nanos;
            }
          });

  private void pass(Duration time) {
    nanos += time.toNanos();
    rpcs.endOverdue();
  }

  /** Begins an RPC whose request has not come. */
  private ServerCall.Listener<CallRequest> begin(RecordingCall call) {
    return rpcs.interceptCall(
        call, new Metadata(), (started, headers) -> new ServerCall.Listener<>() {});
  }

  @Test
  void aRequestThatDoesNotComeToItsEndIsGivenUpAfterAMinute() {
    RecordingCall call = new RecordingCall();
    ServerCall.Listener<CallRequest> unused = begin(call);

    pass(OpenRpcs.REQUEST_TIME);
    assertThat(call.failures).isEmpty();
    pass(Duration.ofNanos(1));

    assertThat(call.failures).hasSize(1);
    assertThat(call.failures.get(0).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(call.failures.get(0).started()).isEqualTo(Started.NO);
    assertThat(call.failures.get(0)).hasMessageContaining("not sent to its end");
  }

  @Test
  void theirRestMayStillComeWithoutBeingServed() throws Exception {
    List<String> heard = new ArrayList<>();
    RecordingCall call = new RecordingCall();
    ServerCall.Listener<CallRequest> listener =
        rpcs.interceptCall(
            call,
            new Metadata(),
            (started, headers) ->
                new ServerCall.Listener<>() {
                  @Override
                  public void onHalfClose() {
                    heard.add("half-close");
                  }
                });
    pass(OpenRpcs.REQUEST_TIME.plusNanos(1));

    listener.onHalfClose();
    listener.onComplete();

    assertThat(heard).isEmpty();
    assertThat(call.failures).hasSize(1);
    assertThat(rpcs.awaitCallsDone(Duration.ZERO)).isTrue();
  }

  @Test
  void aRequestThatHasComeMayBeServedAsLongAsItTakes() {
    RecordingCall call = new RecordingCall();
    begin(call).onHalfClose();

    pass(Duration.ofHours(1));

    assertThat(call.failures).isEmpty();
  }

  @Test
  void eachRequestHasItsOwnTime() {
    RecordingCall first = new RecordingCall();
    RecordingCall second = new RecordingCall();
    ServerCall.Listener<CallRequest> unused = begin(first);
    pass(Duration.ofSeconds(40));
    ServerCall.Listener<CallRequest> unusedToo = begin(second);
    pass(Duration.ofSeconds(40));

    assertThat(first.failures).hasSize(1);
    assertThat(second.failures).isEmpty();
    pass(Duration.ofSeconds(40));
    assertThat(first.failures).hasSize(1);
    assertThat(second.failures).hasSize(1);
  }

  @Test
  void oneThatWasCancelledIsForgotten() {
    RecordingCall call = new RecordingCall();
    begin(call).onCancel();

    pass(Duration.ofHours(1));

    assertThat(call.failures).isEmpty();
  }

  /** Keeps what it is closed with. */
  private static final class RecordingCall extends ServerCall<CallRequest, CallResponse> {
    private final List<ClutchException> failures = new ArrayList<>();

    @Override
    public void close(Status status, Metadata trailers) {
      failures.add(TestCaller.failure(new StatusRuntimeException(status, trailers)));
    }

    @Override
    public void request(int numMessages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(CallResponse message) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<CallRequest, CallResponse> getMethodDescriptor() {
      return WorkerGrpc.getCallMethod();
    }
  }
}
