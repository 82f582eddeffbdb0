/** The benchmarks of Clutch; {@link io.clutch.benchmarks.Main} is the command. */
@NullMarked
package io.clutch.benchmarks;

import org.jspecify.annotations.NullMarked;
