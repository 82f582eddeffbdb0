package io.clutch.benchmarks.micro;

import com.google.protobuf.ByteString;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.Payload;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Values to payloads and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PayloadCodecBenchmark {

  /** What a function may take. */
  public record Thumbnail(String file, int width, int height, List<String> formats) {}

  /** The kind of value. */
  public enum Kind {
    /** Text of 100 characters. */
    TEXT,
    /** A record. */
    RECORD,
    /** 100 bytes as an array. */
    BYTES,
    /** 100 bytes as protobuf has them. */
    BYTE_STRING
  }

  /** The kind that is measured. */
  @Param public Kind kind = Kind.TEXT;

  private final PayloadCodec codec = PayloadCodec.standard();
  private Object value = "";
  private Payload payload = Payload.getDefaultInstance();

  /** Makes the value. */
  @Setup
  public void prepare() {
    value =
        switch (kind) {
          case TEXT -> "x".repeat(100);
          case RECORD -> new Thumbnail("in/4711.jpeg", 640, 480, List.of("webp", "jpeg"));
          case BYTES -> new byte[100];
          case BYTE_STRING -> ByteString.copyFrom(new byte[100]);
        };
    payload = codec.encode(value);
  }

  /** To the payload. */
  @Benchmark
  public Payload encode() {
    return codec.encode(value);
  }

  /** Back. */
  @Benchmark
  public @Nullable Object decode() {
    return codec.decode(payload, kind == Kind.BYTE_STRING ? ByteString.class : value.getClass());
  }
}
