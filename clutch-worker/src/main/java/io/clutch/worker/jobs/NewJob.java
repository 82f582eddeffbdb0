package io.clutch.worker.jobs;

import com.google.common.collect.ImmutableList;
import io.clutch.v1.Header;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Origin;
import io.clutch.v1.Payload;

/**
 * A durable background call that has come in: what it takes to run it, now or another day, here or
 * elsewhere.
 *
 * @param function is known here, and its caller may call it
 * @param callId for logs
 * @param headers of its caller, but for what is secret
 * @param origin who that is, and where he was
 * @param options as they came, checked; with a job id
 */
public record NewJob(
    String function,
    Payload payload,
    String callId,
    ImmutableList<Header> headers,
    Origin origin,
    JobOptions options) {}
