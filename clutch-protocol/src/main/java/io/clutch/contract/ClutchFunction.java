package io.clutch.contract;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a method of an interface a function that clients call.
 *
 * <pre>{@code
 * public interface Images {
 *   @ClutchFunction("image.resize")
 *   Image resize(Resize request);
 *
 *   @ClutchFunction("image.resize")
 *   CompletableFuture<Image> resizeAsync(Resize request);
 *
 *   @ClutchFunction(value = "image.resize", background = true)
 *   void resizeLater(Resize request);
 * }
 * }</pre>
 *
 * <p>The method takes one argument or none. Its result says how it is called: a {@code
 * CompletableFuture} or {@code CompletionStage} is given at once, any other result is waited for.
 * Several methods may be forms of one function; a worker runs the one that is waited for, else the
 * one with a future, else the one in the background.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ClutchFunction {

  /** The function's name: 1 to 255 characters, none of them a control character. */
  String value();

  /**
   * Whether it is called in the background: the call returns when a worker has accepted it. The
   * method gives nothing, or the id under which the worker logs the call ({@code String} or {@code
   * CompletableFuture<String>}).
   */
  boolean background() default false;

  /**
   * Whether the function may run twice for one call without harm, so that a client sends the call
   * again when the process that had it is lost. Read by clients.
   */
  boolean idempotent() default false;

  /**
   * The deadline of a call, such as {@code 30s} or {@code 200ms}: more than 0. By default the
   * client's. Read by clients.
   */
  String timeout() default "";

  /**
   * Whether the function runs on the network's thread: for functions that take microseconds and
   * never block. Read by workers, on the form that they run.
   */
  boolean inline() default false;

  /** What the function does, for people. Read by workers, on the form that they run. */
  String description() default "";
}
