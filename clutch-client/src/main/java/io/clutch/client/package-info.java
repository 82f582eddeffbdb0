/**
 * The caller library: {@link io.clutch.client.ClutchClient} calls functions in worker processes.
 *
 * <p>The way of a call: {@code ClutchClient} converts the argument, {@code RepeatingCall} sends it
 * and sends it again while no worker has started it, {@code SendEvidence} tells whether one may
 * have, {@code Channels} holds the connections and the seam for the balance policy.
 */
@NullMarked
package io.clutch.client;

import org.jspecify.annotations.NullMarked;
