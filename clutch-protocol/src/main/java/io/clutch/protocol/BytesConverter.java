package io.clutch.protocol;

import com.google.protobuf.ByteString;
import io.clutch.v1.Payload;
import io.clutch.v1.ValueDescription;
import java.lang.reflect.Type;

/** {@code byte[]} and {@link ByteString}. */
final class BytesConverter implements DescribingConverter {

  @Override
  public boolean canEncode(Object value) {
    return value instanceof byte[] || value instanceof ByteString;
  }

  @Override
  public Payload encode(Object value) {
    ByteString data =
        value instanceof byte[] bytes ? ByteString.copyFrom(bytes) : (ByteString) value;
    return Payload.newBuilder().setData(data).build();
  }

  @Override
  public boolean canDecode(Payload payload, Type type) {
    return payload.hasData()
        && (type == byte[].class || type == ByteString.class || type == Object.class);
  }

  @Override
  public Object decode(Payload payload, Type type) {
    return type == ByteString.class ? payload.getData() : payload.getData().toByteArray();
  }

  @Override
  public boolean mayTake(Type type) {
    return type == byte[].class || type == ByteString.class;
  }

  @Override
  public ValueDescription.Builder describe(Type type, boolean isRead) {
    return ValueDescription.newBuilder().setKind(ValueDescription.Kind.BYTES);
  }
}
