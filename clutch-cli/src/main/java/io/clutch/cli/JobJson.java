package io.clutch.cli;

import io.clutch.client.JobAttempt;
import io.clutch.client.JobCounts;
import io.clutch.client.JobState;
import io.clutch.client.JobStatus;
import io.clutch.client.Progress;
import io.clutch.protocol.PayloadCodec;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Jobs for programs: one line of JSON each. */
final class JobJson {

  private JobJson() {}

  /** What a durable call gives. */
  static String accepted(String jobId) {
    return text(Map.of("jobId", jobId));
  }

  static String of(JobStatus job) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("jobId", job.id());
    json.put("function", job.function());
    json.put("state", JobText.name(job.state()));
    json.put("priority", JobText.name(job.priority()));
    json.put("uniqueKey", job.uniqueKey().orElse(null));
    json.put("attempts", job.attempts());
    json.put("maxAttempts", job.maxAttempts());
    json.put("acceptedAt", job.acceptedAt().toString());
    json.put("dueAt", time(job.dueAt()));
    json.put("startedAt", time(job.startedAt()));
    json.put("endedAt", time(job.endedAt()));
    json.put("worker", job.worker().isEmpty() ? null : job.worker());
    json.put("callId", job.callId().isEmpty() ? null : job.callId());
    json.put("progress", job.progress().map(JobJson::map).orElse(null));
    json.put("hasResult", job.hasResult());
    json.put("failedAttempts", job.failedAttempts().stream().map(JobJson::map).toList());
    return text(json);
  }

  static String of(JobCounts counts) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    for (JobState state : JobState.values()) {
      if (state != JobState.UNKNOWN) {
        json.put(JobText.name(state), counts.in(state));
      }
    }
    json.put("oldestPending", time(counts.oldestPending()));
    return text(json);
  }

  private static Map<String, @Nullable Object> map(JobAttempt attempt) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("number", attempt.number());
    json.put("startedAt", attempt.startedAt().toString());
    json.put("endedAt", attempt.endedAt().toString());
    json.put("worker", attempt.worker().isEmpty() ? null : attempt.worker());
    json.put("reason", attempt.reason());
    json.put("message", attempt.message());
    return json;
  }

  private static Map<String, @Nullable Object> map(Progress progress) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("done", progress.done());
    json.put("total", progress.total() == 0 ? null : progress.total());
    json.put("note", progress.note().isEmpty() ? null : progress.note());
    return json;
  }

  private static @Nullable String time(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(null);
  }

  private static String text(Map<String, ?> json) {
    return PayloadCodec.standard().encode(json).getJson();
  }
}
