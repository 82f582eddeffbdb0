/** JMH benchmarks of parts that every call passes. */
@NullMarked
package io.clutch.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
