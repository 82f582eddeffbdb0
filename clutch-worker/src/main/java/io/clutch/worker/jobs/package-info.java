/**
 * What a worker and whoever keeps its durable background calls say to each other. For
 * clutch-durable, not for programs: it may change with any version.
 */
@NullMarked
package io.clutch.worker.jobs;

import org.jspecify.annotations.NullMarked;
