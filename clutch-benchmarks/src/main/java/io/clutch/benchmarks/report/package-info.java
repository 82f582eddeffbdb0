/** Figures for people: medians and tables. */
@NullMarked
package io.clutch.benchmarks.report;

import org.jspecify.annotations.NullMarked;
