package io.clutch.protocol;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.clutch.v1.CallStreamProto;
import io.clutch.v1.ErrorProto;
import io.clutch.v1.PayloadProto;
import io.clutch.v1.PoolProto;
import io.clutch.v1.SupervisorProto;
import io.clutch.v1.WorkerProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Field numbers and names are a promise. What stands in the baseline must not change; what is new
 * goes into it with {@code -Dclutch.baseline.update=true}.
 */
class DescriptorBaselineTest {

  private static final Path BASELINE = Path.of("src/test/resources/clutch/v1/baseline.txt");
  private static final List<FileDescriptor> FILES =
      List.of(
          PayloadProto.getDescriptor(),
          ErrorProto.getDescriptor(),
          CallStreamProto.getDescriptor(),
          WorkerProto.getDescriptor(),
          SupervisorProto.getDescriptor(),
          PoolProto.getDescriptor());

  @Test
  void theProtocolKeepsItsPromise() throws IOException {
    SortedSet<String> now = lines();
    if (Boolean.getBoolean("clutch.baseline.update")) {
      Files.write(BASELINE, now);
    }
    SortedSet<String> promised = new TreeSet<>(Files.readAllLines(BASELINE));

    SortedSet<String> gone = new TreeSet<>(promised);
    gone.removeAll(now);
    assertThat(gone)
        .as("promised in %s, but changed or gone: a breaking change", BASELINE)
        .isEmpty();

    SortedSet<String> added = new TreeSet<>(now);
    added.removeAll(promised);
    assertThat(added)
        .as("new in the protocol: add it to %s with -Dclutch.baseline.update=true", BASELINE)
        .isEmpty();
  }

  private static SortedSet<String> lines() {
    SortedSet<String> lines = new TreeSet<>();
    for (FileDescriptor file : FILES) {
      file.getMessageTypes().forEach(message -> addMessage(message, lines));
      file.getEnumTypes().forEach(type -> addEnum(type, lines));
      file.getServices()
          .forEach(service -> service.getMethods().forEach(method -> lines.add(line(method))));
    }
    return lines;
  }

  private static void addMessage(Descriptor message, SortedSet<String> lines) {
    lines.add("message " + message.getFullName());
    message.getFields().forEach(field -> lines.add(line(field)));
    message.getNestedTypes().forEach(nested -> addMessage(nested, lines));
    message.getEnumTypes().forEach(type -> addEnum(type, lines));
  }

  private static void addEnum(EnumDescriptor type, SortedSet<String> lines) {
    type.getValues()
        .forEach(
            value ->
                lines.add(
                    "enum "
                        + type.getFullName()
                        + " "
                        + value.getNumber()
                        + " "
                        + value.getName()));
  }

  private static String line(FieldDescriptor field) {
    String type =
        switch (field.getJavaType()) {
          case MESSAGE -> field.getMessageType().getFullName();
          case ENUM -> field.getEnumType().getFullName();
          default -> field.getType().name().toLowerCase(java.util.Locale.ROOT);
        };
    String oneof =
        field.getContainingOneof() == null ? "" : " oneof " + field.getContainingOneof().getName();
    return "field %s %d %s %s%s"
        .formatted(
            field.getFullName(),
            field.getNumber(),
            field.isRepeated() ? "repeated" : "single",
            type,
            oneof);
  }

  private static String line(MethodDescriptor method) {
    return List.of(
            "method",
            method.getFullName(),
            (method.isClientStreaming() ? "stream " : "") + method.getInputType().getFullName(),
            "->",
            (method.isServerStreaming() ? "stream " : "") + method.getOutputType().getFullName())
        .stream()
        .collect(joining(" "));
  }
}
