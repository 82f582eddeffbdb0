/** How long short calls wait for long ones, beside one ideal queue. */
@NullMarked
package io.clutch.benchmarks.fairshare;

import org.jspecify.annotations.NullMarked;
