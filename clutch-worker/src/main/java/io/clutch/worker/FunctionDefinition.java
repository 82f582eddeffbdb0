package io.clutch.worker;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.reflect.TypeToken;
import io.clutch.worker.internal.permits.RunTime;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A function with everything the worker knows of it. Immutable, but for what it has measured.
 *
 * <pre>{@code
 * FunctionDefinition.named("image.resize")
 *     .description("Scales an image, keeping its proportions")
 *     .argument(Resize.class)
 *     .result(Image.class)
 *     .runs((resize, call) -> scale(resize.image(), resize.width()))
 * }</pre>
 */
public final class FunctionDefinition {

  private static final int MAX_NAME_LENGTH = 255;

  private final String name;
  private final String description;
  private final Type argumentType;
  private final @Nullable Type resultType;
  private final boolean inline;
  private final WorkerFunction<@Nullable Object, @Nullable Object> code;
  private final RunTime runTime = new RunTime();

  private FunctionDefinition(
      Builder<?, ?> builder, WorkerFunction<@Nullable Object, @Nullable Object> code) {
    this.name = builder.name;
    this.description = builder.description;
    this.argumentType = builder.argumentType;
    this.resultType = builder.resultType;
    this.inline = builder.inline;
    this.code = code;
  }

  /**
   * Starts a definition, of a function without argument whose result is not declared.
   *
   * @param name what clients call it by: 1 to 255 characters, none of them a control character
   */
  public static Builder<Void, Object> named(String name) {
    return new Builder<>(name);
  }

  /** What clients call it by. */
  public String name() {
    return name;
  }

  /** What it does, for people; may be empty. */
  public String description() {
    return description;
  }

  /** What its argument is converted to; {@link Void} where it takes none. */
  public Type argumentType() {
    return argumentType;
  }

  /** What it gives, where that was declared; {@link Void} for nothing. */
  public Optional<Type> resultType() {
    return Optional.ofNullable(resultType);
  }

  /** Whether it runs on the network's thread. */
  public boolean isInline() {
    return inline;
  }

  /** How long it has run lately. */
  RunTime runTime() {
    return runTime;
  }

  /** Runs it with an argument of {@link #argumentType()}. */
  @SuppressWarnings("NullAway") // whether null is legal is for the function to say
  @Nullable Object call(@Nullable Object argument, Call call) throws Exception {
    return code.call(argument, call);
  }

  /**
   * Builds a {@link FunctionDefinition}. Not thread-safe.
   *
   * @param <A> the argument
   * @param <R> the result
   */
  public static final class Builder<A extends @Nullable Object, R extends @Nullable Object> {
    private final String name;
    private String description = "";
    private Type argumentType = Void.class;
    private @Nullable Type resultType;
    private boolean inline;

    private Builder(String name) {
      checkArgument(
          !name.isBlank()
              && name.length() <= MAX_NAME_LENGTH
              && name.chars().noneMatch(Character::isISOControl),
          "'%s' is no function name: want 1 to %s characters, none of them a control character",
          name,
          MAX_NAME_LENGTH);
      this.name = name;
    }

    /** What it does, for people. */
    public Builder<A, R> description(String description) {
      this.description = requireNonNull(description);
      return this;
    }

    /** What it takes; {@code Void.class}, the default, is no argument. */
    public <B> Builder<B, R> argument(Class<B> type) {
      return argument(TypeToken.of(type));
    }

    /** {@link #argument(Class)} with a generic type. */
    public <B> Builder<B, R> argument(TypeToken<B> type) {
      argumentType = type.getType();
      @SuppressWarnings("unchecked") // the type parameters say what is set, no more
      Builder<B, R> self = (Builder<B, R>) this;
      return self;
    }

    /** What it gives; {@code Void.class} is nothing. Only for people who ask, and for checks. */
    public <S> Builder<A, S> result(Class<S> type) {
      return result(TypeToken.of(type));
    }

    /** {@link #result(Class)} with a generic type. */
    public <S> Builder<A, S> result(TypeToken<S> type) {
      resultType = type.getType();
      @SuppressWarnings("unchecked") // the type parameters say what is set, no more
      Builder<A, S> self = (Builder<A, S>) this;
      return self;
    }

    /**
     * Runs it on the network's thread instead of a function thread: for functions that take
     * microseconds and never block. While it runs, that connection and others stand still; it is
     * not interrupted, and neither {@code concurrency} nor {@code timeout} holds for it. Background
     * calls of it run on function threads all the same.
     */
    public Builder<A, R> inline() {
      inline = true;
      return this;
    }

    /** The definition of a function that does {@code code}. */
    public FunctionDefinition runs(WorkerFunction<? super A, ? extends R> code) {
      requireNonNull(code);
      @SuppressWarnings("unchecked") // arguments are converted to argumentType, which is A
      var erased = (WorkerFunction<@Nullable Object, @Nullable Object>) (WorkerFunction<?, ?>) code;
      return new FunctionDefinition(this, erased);
    }
  }
}
