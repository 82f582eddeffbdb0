/** Programs in processes of their own, and what is said to them. */
@NullMarked
package io.clutch.benchmarks.program;

import org.jspecify.annotations.NullMarked;
