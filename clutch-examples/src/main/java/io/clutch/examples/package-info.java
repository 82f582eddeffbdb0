/** Small runnable programs, one idea each. {@code docs/examples.md} says how to start them. */
@NullMarked
package io.clutch.examples;

import org.jspecify.annotations.NullMarked;
