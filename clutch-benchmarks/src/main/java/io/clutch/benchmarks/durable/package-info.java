/** Durable background calls beside ordinary ones. */
@NullMarked
package io.clutch.benchmarks.durable;

import org.jspecify.annotations.NullMarked;
