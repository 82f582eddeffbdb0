/**
 * Typed contracts: an interface whose methods are functions ({@link
 * io.clutch.contract.ClutchFunction}), for a worker to implement and for clients to call.
 *
 * <p>{@link io.clutch.contract.Contract} is what the libraries of the worker and the client see of
 * such an interface; programs don't need it.
 */
@NullMarked
package io.clutch.contract;

import org.jspecify.annotations.NullMarked;
