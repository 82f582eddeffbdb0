package io.clutch.cli;

import io.clutch.protocol.Durations;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolStatus;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pool's status and events for programs: one line of JSON each. */
final class PoolJson {

  private PoolJson() {}

  static String of(PoolStatus pool) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("pid", pool.getProcessId());
    json.put("version", pool.getVersion());
    json.put("state", lowerCase(pool.getState()));
    json.put("startTime", PoolText.instant(pool.getStartTime()).toString());
    json.put("addresses", pool.getAddressesList());
    json.put("maxWorkers", pool.getMaxWorkers());
    json.put("waitingConnections", pool.getWaitingConnections());
    json.put(
        "serverStarterGeneration",
        pool.hasServerStarterGeneration() ? pool.getServerStarterGeneration() : null);
    json.put("restartFailure", emptyToNull(pool.getRestartFailure()));
    json.put("children", pool.getChildrenList().stream().map(PoolJson::map).toList());
    json.put("recentEvents", pool.getRecentEventsList().stream().map(PoolJson::map).toList());
    return text(json);
  }

  static String of(PoolEvent event) {
    return text(map(event));
  }

  private static Map<String, @Nullable Object> map(ChildStatus child) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("slot", child.getSlot());
    json.put("pid", child.getProcessId());
    json.put("generation", child.getGeneration());
    json.put("state", lowerCase(child.getState()));
    json.put("inFlight", child.getInFlight());
    json.put("handled", child.getHandled());
    json.put("connections", child.getConnections());
    json.put("rssBytes", child.getRssBytes());
    json.put("startTime", PoolText.instant(child.getStartTime()).toString());
    json.put(
        "bootMillis",
        child.hasBootTime() ? Durations.fromProto(child.getBootTime()).toMillis() : null);
    return json;
  }

  private static Map<String, @Nullable Object> map(PoolEvent event) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("time", PoolText.instant(event.getTime()).toString());
    json.put("kind", lowerCase(event.getKind()));
    json.put("slot", event.getSlot() == 0 ? null : event.getSlot());
    json.put("pid", event.getProcessId() == 0 ? null : event.getProcessId());
    json.put("generation", event.getGeneration() == 0 ? null : event.getGeneration());
    json.put("message", event.getMessage());
    json.put("detail", emptyToNull(event.getDetail()));
    return json;
  }

  private static @Nullable String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String text(Map<String, @Nullable Object> json) {
    return PayloadCodec.standard().encode(json).getJson();
  }
}
