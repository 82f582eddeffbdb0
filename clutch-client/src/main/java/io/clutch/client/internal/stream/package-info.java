/**
 * Calls over long streams, one for each connection. Where a call goes, and what waits, is decided
 * under one small lock ({@code CallSpread}), and done without it ({@code StreamPool}); what is said
 * on a stream belongs to the network's thread of its connection ({@code CallStream}); what callers
 * want to have run, runs on threads of its own ({@code CallerThreads}).
 */
@NullMarked
package io.clutch.client.internal.stream;

import org.jspecify.annotations.NullMarked;
