package io.clutch.worker;

import static com.google.common.base.Preconditions.checkState;

import io.grpc.Context;

/** The call that a thread answers, in gRPC's context. */
final class CurrentCall {

  private static final Context.Key<Call> KEY = Context.key("clutch-call");

  private CurrentCall() {}

  static Call get() {
    Call call = KEY.get();
    checkState(call != null, "no function of a worker runs on this thread");
    return call;
  }

  /** The context of this thread, with {@code call} as the one that it answers. */
  static Context with(Call call) {
    return Context.current().withValue(KEY, call);
  }
}
