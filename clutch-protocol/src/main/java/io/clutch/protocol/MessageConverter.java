package io.clutch.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Internal;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.clutch.v1.Payload;
import io.clutch.v1.ValueDescription;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;

/** Protobuf messages; an {@link Any} is passed through. */
final class MessageConverter implements DescribingConverter {

  @Override
  public boolean canEncode(Object value) {
    return value instanceof Message;
  }

  @Override
  public Payload encode(Object value) {
    Any any = value instanceof Any already ? already : Any.pack((Message) value);
    return Payload.newBuilder().setMessage(any).build();
  }

  @Override
  public boolean canDecode(Payload payload, Type type) {
    boolean takesAnyMessage = type instanceof Class<?> c && c.isAssignableFrom(Any.class);
    return isMessage(type) || (payload.hasMessage() && takesAnyMessage);
  }

  @Override
  public Object decode(Payload payload, Type type) {
    if (!payload.hasMessage()) {
      throw new ConversionException(
          type.getTypeName() + " is a protobuf message; the payload is none");
    }
    Any any = payload.getMessage();
    if (!isMessage(type) || type == Any.class) {
      return any;
    }
    Class<? extends Message> messageType = ((Class<?>) type).asSubclass(Message.class);
    try {
      return any.unpack(messageType);
    } catch (InvalidProtocolBufferException e) {
      throw new ConversionException(
          "a message %s does not fit %s".formatted(name(any), type.getTypeName()), e);
    }
  }

  @Override
  public boolean mayTake(Type type) {
    return type instanceof Class<?> c
        && (Message.class.isAssignableFrom(c) || c.isAssignableFrom(Any.class));
  }

  @Override
  public ValueDescription.Builder describe(Type type, boolean isRead) {
    ValueDescription.Builder description = ValueDescription.newBuilder();
    Class<?> c = (Class<?>) type;
    if (!Message.class.isAssignableFrom(c)) {
      // Such as Serializable, which other values are, too.
      return description;
    }
    description.setKind(ValueDescription.Kind.MESSAGE);
    boolean isOfOneKind = !Modifier.isAbstract(c.getModifiers()) && c != DynamicMessage.class;
    return isOfOneKind ? description.setType(fullName(c.asSubclass(Message.class))) : description;
  }

  /** The full name of the message in {@code any}. */
  static String name(Any any) {
    String url = any.getTypeUrl();
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private static String fullName(Class<? extends Message> type) {
    return Internal.getDefaultInstance(type).getDescriptorForType().getFullName();
  }

  private static boolean isMessage(Type type) {
    return type instanceof Class<?> c && Message.class.isAssignableFrom(c) && c != Message.class;
  }
}
