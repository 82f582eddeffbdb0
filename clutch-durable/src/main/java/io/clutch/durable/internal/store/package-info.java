/** What a store of jobs holds and does, whichever database it is on. */
@NullMarked
package io.clutch.durable.internal.store;

import org.jspecify.annotations.NullMarked;
