package io.clutch.client.internal.balance;

import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;

/** There is no usable connection: calls wait, or fail, and know what for. Immutable. */
final class NoConnectionPicker extends SubchannelPicker {

  private final PickResult result;
  private final String obstacle;

  /**
   * @param result for each call
   */
  NoConnectionPicker(PickResult result, String obstacle) {
    this.result = result;
    this.obstacle = obstacle;
  }

  @Override
  public PickResult pickSubchannel(PickSubchannelArgs args) {
    CallTrail trail = args.getCallOptions().getOption(CallTrail.KEY);
    if (trail != null) {
      trail.waitsFor(obstacle);
    }
    return result;
  }
}
