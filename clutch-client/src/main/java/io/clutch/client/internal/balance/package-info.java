/**
 * Which process gets a call: load-balancing policies for gRPC, with a connection to each process
 * behind each address.
 *
 * <p>{@link io.clutch.client.internal.balance.ProcessBalancer} is what gRPC sees. It has a {@link
 * io.clutch.client.internal.balance.Server} for each address, which keeps {@link
 * io.clutch.client.internal.balance.Connection}s; the usable ones of all servers make a {@link
 * io.clutch.client.internal.balance.ConnectionPicker}. Everything but the picker is owned by gRPC's
 * synchronization context of the channel.
 */
@NullMarked
package io.clutch.client.internal.balance;

import org.jspecify.annotations.NullMarked;
