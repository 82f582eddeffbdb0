/** Makes calls at a given pace, and measures them. */
@NullMarked
package io.clutch.benchmarks.load;

import org.jspecify.annotations.NullMarked;
