package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableMap;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Payload;
import org.jspecify.annotations.Nullable;

/**
 * What a call says to a worker.
 *
 * @param callId the caller's own; empty where the worker makes one
 * @param headers by their lower-case names
 * @param background whether it is answered before it runs
 * @param durable how it is kept, where it is durable; only of one in the background
 */
public record OutgoingCall(
    String function,
    Payload payload,
    String callId,
    ImmutableMap<String, String> headers,
    boolean background,
    @Nullable JobOptions durable) {}
