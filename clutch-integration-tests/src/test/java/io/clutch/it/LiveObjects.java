package io.clutch.it;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/** What is alive in the heap of this process, after a collection of it. */
final class LiveObjects {

  /** What there is one of, or more, for each call, at either end. */
  private static final List<String> OF_CALLS =
      List.of(
          "io.clutch.client.RepeatingCall",
          "io.clutch.client.CallFuture",
          "io.clutch.client.StreamedWay$Attempt",
          "io.clutch.worker.StreamedAnswer",
          "io.clutch.worker.UnaryAnswer",
          "io.clutch.worker.BackgroundAnswer",
          "io.clutch.worker.FunctionCall",
          "io.clutch.worker.internal.dispatch.Ticket");

  private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

  /**
   * With these a collector fills the gaps that it leaves where objects have died: how large they
   * are is for chance to say.
   */
  private static final Set<String> FILLERS = Set.of("[I", "jdk.internal.vm.FillerArray");

  private final Map<String, Long> counts = new TreeMap<>();
  private long bytes;

  private LiveObjects(String histogram) {
    for (String line : histogram.lines().toList()) {
      Matcher object = LINE.matcher(line);
      if (object.matches()) {
        counts.put(object.group(3), Long.parseLong(object.group(1)));
        if (!FILLERS.contains(object.group(3))) {
          bytes += Long.parseLong(object.group(2));
        }
      }
    }
    if (bytes == 0) {
      throw new IllegalStateException("no objects in the histogram of the heap: " + histogram);
    }
  }

  static LiveObjects now() {
    try {
      Object histogram =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {null},
                  new String[] {String[].class.getName()});
      return new LiveObjects(histogram.toString());
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * How many objects of each class are alive that belong to calls; classes without any left out.
   */
  Map<String, Long> ofCalls() {
    Map<String, Long> found = new TreeMap<>(counts);
    found.keySet().retainAll(OF_CALLS);
    return found;
  }

  /** How large everything is that is alive, but for arrays of ints, see {@link #FILLERS}. */
  long bytes() {
    return bytes;
  }
}
